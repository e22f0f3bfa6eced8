import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importBlackbox } from '../../../src/definitions/import/blackbox.ts'
import { importGatus } from '../../../src/definitions/import/gatus.ts'
import { importUptimeKuma } from '../../../src/definitions/import/uptime-kuma.ts'
import type { Imported } from '../../../src/definitions/import/written-fleet.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { runFirewatch } from '../../support/command.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const BLACKBOX = `
modules:
  http_2xx:
    prober: http
    timeout: 5s
    http:
      valid_status_codes: [200, 204]
      valid_http_versions: [HTTP/1.1, HTTP/2.0]
      method: POST
      headers:
        Accept-Language: en-US
        X-Api-Key: do-not-copy-me
      body: '{"price": "\${PRICE}"}'
      no_follow_redirects: true
      fail_if_body_matches_regexp: ['(?i)error', 'sold out']
      fail_if_body_not_matches_regexp: ['Lamp']
      fail_if_header_matches:
        - { header: Server, regexp: 'nginx/1\\.' }
      fail_if_header_not_matches:
        - { header: Content-Type, regexp: '^text/html', allow_missing: true }
      fail_if_not_ssl: true
      basic_auth: { username: probe, password: very-secret-password }
      preferred_ip_protocol: ip4
      ip_protocol_fallback: false
      tls_config: { insecure_skip_verify: true, server_name: shop.example.com }
  ssh_banner:
    prober: tcp
    tcp:
      query_response:
        - expect: '^SSH-2.0-'
        - send: 'SSH-2.0-probe'
  tls_connect: { prober: tcp, tcp: { tls: true } }
  smtp_starttls:
    prober: tcp
    tcp:
      query_response:
        - { expect: '^220' }
        - { send: 'EHLO prober' }
        - { expect: '^250-STARTTLS' }
        - { send: STARTTLS }
        - { starttls: true }
  dns_shop:
    prober: dns
    dns:
      query_name: shop.example.com
      query_type: A
      transport_protocol: tcp
      valid_rcodes: [NOERROR]
      validate_answer_rrs:
        fail_if_not_matches_regexp: ['192\\.0\\.2']
        fail_if_matches_regexp: ['.*\\t127\\.0\\.0\\.1']
  icmp: { prober: icmp, timeout: 2s, icmp: { payload_size: 100, ttl: 5 } }
  grpc: { prober: grpc, grpc: { service: shop.Orders, tls: true } }
  never_used: { prober: icmp }
`

const PROMETHEUS = `
global: { scrape_interval: 30s }
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ['node:9100'] }]
  - job_name: Shop pages
    metrics_path: /probe
    scrape_interval: 1m30s
    params: { module: [http_2xx] }
    static_configs:
      - targets: ['https://shop.example.com/', 'shop.example.com/cart']
    relabel_configs:
      - { source_labels: [__address__], target_label: __param_target }
  - job_name: ports
    metrics_path: /probe
    static_configs:
      - { targets: ['shop.example.com:22'], labels: { __param_module: ssh_banner } }
      - { targets: ['[2001:db8::1]:993'], labels: { module: tls_connect } }
      - { targets: ['mail.example.com:587'], labels: { module: smtp_starttls } }
      - { targets: ['192.0.2.53:53'], labels: { module: dns_shop } }
      - { targets: ['192.0.2.1'], labels: { module: icmp } }
      - { targets: ['orders.example.com:443'], labels: { module: grpc } }
      - { targets: ['x'], labels: { module: nowhere } }
    file_sd_configs: [{ files: [more.yml] }]
`

const imported = () =>
  importBlackbox(
    { file: 'blackbox.yml', text: BLACKBOX },
    { file: 'prometheus.yml', text: PROMETHEUS },
  )

async function writeDown({ files }: Imported): Promise<string> {
  const folder = await tempFolder()
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

describe('blackbox', () => {
  test('what it writes is valid, and means the same', async () => {
    const result = await loadFleet(await writeDown(imported()), {})
    if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
    expect(result.fleet.services.map(({ id }) => id)).toEqual(['shop-pages', 'ports'])
    expect(result.fleet.checks.map(({ id, kind }) => `${kind} ${id}`).toSorted()).toEqual([
      'dns 192-0-2-53-53-dns-shop',
      'grpc orders-example-com-443-grpc',
      'http shop-example-com-cart-http-2xx',
      'http shop-example-com-http-2xx',
      'icmp 192-0-2-1-icmp',
      'tcp 2001-db8-1-993-tls-connect',
      'tcp shop-example-com-22-ssh-banner',
      'tls mail-example-com-587-smtp-starttls',
    ])
    const check = (id: string) => result.fleet.checks.find((one) => one.id === id)
    expect(check('shop-example-com-http-2xx')).toMatchObject({
      url: 'https://shop.example.com/',
      method: 'POST',
      headers: { 'Accept-Language': 'en-US' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is sent, a variable of nobody.
      body: '{"price": "${PRICE}"}',
      redirectsMax: 0,
      addresses: 'ipv4',
      serverName: 'shop.example.com',
      timeoutMs: 5_000,
      schedule: { kind: 'interval', everyMs: 90_000 },
      auth: { basic: { username: 'probe', password: expect.stringMatching(/^IMPORTED_/) } },
      expectations: expect.arrayContaining([
        { level: 'must', subject: 'status', matcher: { oneOf: [200, 204] } },
        { level: 'must', subject: 'httpVersion', matcher: { oneOf: ['1.1', '2'] } },
        {
          level: 'must',
          subject: 'body',
          matcher: { matches: 'Lamp', not: { matches: '(?:(?i:error))|(?:sold out)' } },
        },
        {
          level: 'must',
          subject: 'header',
          key: 'server',
          matcher: { not: { matches: 'nginx/1\\.' } },
        },
        {
          level: 'must',
          subject: 'header',
          key: 'content-type',
          matcher: { matches: '^text/html' },
        },
      ]),
    })
    expect(check('shop-example-com-22-ssh-banner')).toMatchObject({
      host: 'shop.example.com',
      port: 22,
      dialogue: [{ expect: '^SSH-2.0-' }, { send: 'SSH-2.0-probe\n' }],
      schedule: { everyMs: 30_000 },
    })
    expect(check('2001-db8-1-993-tls-connect')).toMatchObject({ host: '2001:db8::1', tls: true })
    expect(check('mail-example-com-587-smtp-starttls')).toMatchObject({ startTls: 'smtp' })
    expect(check('192-0-2-53-53-dns-shop')).toMatchObject({
      questionName: 'shop.example.com',
      server: '192.0.2.53:53',
      transport: 'tcp',
      expectations: [
        { subject: 'rcode', matcher: { oneOf: ['NOERROR'] } },
        { subject: 'answer', matcher: { quantifier: 'all', matches: '192\\.0\\.2' } },
      ],
    })
    expect(check('192-0-2-1-icmp')).toMatchObject({ count: 1, size: 100, timeoutMs: 2_000 })
    expect(check('orders-example-com-443-grpc')).toMatchObject({
      service: 'shop.Orders',
      tls: true,
    })
  })

  test('what has no equivalent is said with its place, once, and never what is secret', () => {
    const { leftOut, files } = imported()
    expect(leftOut.map(({ place }) => place).toSorted()).toEqual(
      [
        'blackbox.yml: modules.dns_shop.dns.validate_answer_rrs.fail_if_matches_regexp',
        'blackbox.yml: modules.http_2xx.http.basic_auth.password',
        'blackbox.yml: modules.http_2xx.http.fail_if_header_not_matches[0].allow_missing',
        'blackbox.yml: modules.http_2xx.http.fail_if_not_ssl',
        'blackbox.yml: modules.http_2xx.http.headers.X-Api-Key',
        'blackbox.yml: modules.http_2xx.http.tls_config.insecure_skip_verify',
        'blackbox.yml: modules.icmp.icmp.ttl',
        'blackbox.yml: modules.never_used',
        'prometheus.yml: scrape_configs[2].file_sd_configs',
        'prometheus.yml: scrape_configs[2].static_configs[6]',
      ].toSorted(),
    )
    expect(JSON.stringify({ leftOut, files })).not.toMatch(/do-not-copy-me|very-secret-password/)
  })

  test.each([
    { name: 'lines', text: 'icmp 192.0.2.1 # the router\n\nhttp_2xx https://shop.example.com/\n' },
    {
      name: 'JSON for file_sd',
      text: '[{"targets":["192.0.2.1"],"labels":{"module":"icmp"}},{"targets":["https://shop.example.com/"]}]',
    },
  ])('targets may be $name', ({ text }) => {
    const { files } = importBlackbox(
      { file: 'blackbox.yml', text: BLACKBOX },
      { file: 'targets', text },
    )
    const checks = files.find(({ path }) => path === 'probes/blackbox/blackbox.checks.yaml')
    expect(checks?.content).toContain('id: 192-0-2-1-icmp')
    expect(checks?.content).toContain('id: shop-example-com-http-2xx')
    expect(checks?.content).toMatch(/# targets: .*192\.0\.2\.1 with module icmp/)
  })
})

const GATUS = `
alerting: { slack: { webhook-url: https://hooks.example.com/very-secret } }
endpoints:
  - name: Shop API
    group: Shop
    url: https://shop.example.com/api/health
    method: POST
    graphql: true
    body: '{ shop { open } }'
    headers: { Accept: application/json, Authorization: Bearer do-not-copy-me }
    interval: 30s
    client:
      insecure: true
      ignore-redirect: true
      timeout: 5s
      dns-resolver: udp://192.0.2.53:53
      oauth2:
        token-url: https://auth.example.com/token
        client-id: shop
        client-secret: very-secret
        scopes: [read]
    conditions:
      - '[STATUS] == any(200, 204)'
      - '[RESPONSE_TIME] < 500'
      - '[CERTIFICATE_EXPIRATION] > 48h'
      - '[BODY].status == UP'
      - '[BODY].version == pat(2.*)'
      - '[BODY].queue < 5'
      - 'len([BODY].items) > 2'
      - 'has([BODY].errors) == false'
      - '[DOMAIN_EXPIRATION] > 720h'
      - '[IP] == 192.0.2.1'
    alerts:
      - { type: slack, failure-threshold: 5, success-threshold: 4 }
      - { type: email, failure-threshold: 2 }
  - { name: Page, url: 'https://shop.example.com/', conditions: ['[STATUS] < 400', '[BODY] == pat(*Lamp*)', 'nonsense'] }
  - { name: dns, url: 192.0.2.53, dns: { query-name: shop.example.com., query-type: MX }, conditions: ['[DNS_RCODE] == NOERROR', '[BODY] == pat(*.example.com.)'] }
  - { name: ping, url: 'icmp://192.0.2.1', conditions: ['[CONNECTED] == true'] }
  - { name: port, url: 'tcp://shop.example.com:6379', conditions: ['[CONNECTED] == true'] }
  - { name: mail, url: 'starttls://mail.example.com:587', conditions: ['[CERTIFICATE_EXPIRATION] > 240h'] }
  - { name: cert, url: 'tls://shop.example.com:443', conditions: ['[DOMAIN_EXPIRATION] > 720h'] }
  - { name: login, url: 'ssh://shop.example.com', ssh: { username: probe, password: very-secret } }
  - { name: live, url: 'wss://shop.example.com/live', body: ping, conditions: ['[BODY] == pong'] }
  - { name: radio, url: 'udp://shop.example.com:123', conditions: ['[CONNECTED] == true'] }
  - { name: off, enabled: false, url: 'https://shop.example.com/off' }
external-endpoints:
  - { name: Nightly backup, group: Shop, token: very-secret, heartbeat: { interval: 24h } }
  - { name: no interval, token: very-secret }
`

describe('gatus', () => {
  const gatus = () => importGatus({ file: 'gatus.yaml', text: GATUS })

  test('what it writes is valid, and means the same', async () => {
    const result = await loadFleet(await writeDown(gatus()), {})
    if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
    expect(result.fleet.checks.map(({ id, kind }) => `${kind} ${id}`).toSorted()).toEqual([
      'dns dns',
      'heartbeat nightly-backup',
      'http page',
      'http shop-api',
      'icmp ping',
      'tcp login',
      'tcp port',
      'tls cert',
      'tls mail',
      'websocket live',
    ])
    const check = (id: string) => result.fleet.checks.find((one) => one.id === id)
    const must = (subject: string, matcher: object, key?: string) => ({
      level: 'must',
      subject,
      ...(key !== undefined && { key }),
      matcher,
    })
    expect(check('shop-api')).toMatchObject({
      serviceId: 'shop',
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: expect.stringContaining('"query":"{ shop { open } }"'),
      redirectsMax: 0,
      timeoutMs: 5_000,
      alert: { failuresToFire: 2, passesToResolve: 2 },
      auth: {
        oauth2: { tokenUrl: 'https://auth.example.com/token', clientId: 'shop', scope: 'read' },
      },
    })
    expect(check('shop-api')?.expectations).toEqual(
      expect.arrayContaining([
        must('status', { oneOf: [200, 204] }),
        must('total', { max: 499 }),
        must('certificateDaysLeft', { min: 2 }),
        must('json', { equals: 'UP' }, '$.status'),
        must('json', { matches: '^2\\.[\\s\\S]*$' }, '$.version'),
        must('json', { max: 5, not: { equals: 5 } }, '$.queue'),
        must('json', { count: { min: 3 } }, '$.items[*]'),
        must('json', { absent: true }, '$.errors'),
      ]),
    )
    expect(check('page')?.expectations).toEqual([
      must('status', { equals: '100-399' }),
      must('body', { matches: '^[\\s\\S]*Lamp[\\s\\S]*$' }),
    ])
    expect(check('dns')).toMatchObject({ questionName: 'shop.example.com', recordType: 'MX' })
    expect(check('dns')?.expectations).toContainEqual(must('rcode', { equals: 'NOERROR' }))
    expect(check('mail')?.expectations).toContainEqual(must('daysLeft', { min: 10 }))
    expect(check('cert')?.expectations).toContainEqual(must('domainDaysLeft', { min: 30 }))
    expect(check('live')?.expectations).toContainEqual(must('message', { equals: 'pong' }))
    expect(check('login')).toMatchObject({ port: 22, dialogue: [{ expect: '^SSH-' }] })
    expect(check('nightly-backup')).toMatchObject({ token: 'IMPORTED_NIGHTLY_BACKUP_TOKEN' })
  })

  test('what has no equivalent is said with its place, and never what is secret', () => {
    const { leftOut, files } = gatus()
    expect(leftOut.map(({ place }) => place.replace('gatus.yaml: ', ''))).toEqual([
      'endpoints[0].headers.Authorization',
      'endpoints[0].client.insecure',
      'endpoints[0].client.oauth2.client-secret',
      'endpoints[0].conditions[8]',
      'endpoints[0].conditions[9]',
      'endpoints[0].alerts[0].type',
      'endpoints[0].alerts[1].type',
      'endpoints[0].client.dns-resolver',
      'endpoints[1].conditions[2]',
      'endpoints[7].ssh',
      'endpoints[9].url',
      'endpoints[10].enabled',
      'external-endpoints[0].token',
      'external-endpoints[1].heartbeat',
      'alerting',
    ])
    expect(JSON.stringify({ leftOut, files })).not.toMatch(/do-not-copy-me|very-secret/)
  })
})

/** What a backup says of each monitor, whatever its type. */
const aMonitor = (overrides: object) => ({
  id: 1,
  name: 'monitor',
  description: null,
  parent: null,
  childrenIDs: [],
  url: 'https://',
  method: 'GET',
  hostname: null,
  port: null,
  maxretries: 0,
  weight: 2000,
  active: true,
  forceInactive: false,
  type: 'http',
  timeout: 48,
  interval: 60,
  retryInterval: 60,
  resendInterval: 0,
  keyword: null,
  invertKeyword: false,
  expiryNotification: false,
  ignoreTls: false,
  upsideDown: false,
  packetSize: 56,
  maxredirects: 10,
  accepted_statuscodes: ['200-299'],
  dns_resolve_type: 'A',
  dns_resolve_server: '1.1.1.1',
  proxyId: null,
  notificationIDList: {},
  tags: [],
  grpcUrl: null,
  authMethod: null,
  headers: null,
  body: null,
  pushToken: null,
  kafkaProducerSaslOptions: { mechanism: 'None' },
  ...overrides,
})

const KUMA = JSON.stringify({
  version: '1.23.11',
  notificationList: [{ name: 'chat', config: 'very-secret' }],
  proxyList: [],
  monitorList: [
    aMonitor({ id: 1, type: 'group', name: 'Shop' }),
    aMonitor({
      id: 2,
      parent: 1,
      name: 'Start page',
      type: 'keyword',
      url: 'https://shop.example.com/',
      keyword: 'Lamp',
      maxretries: 2,
      expiryNotification: true,
      accepted_statuscodes: ['200-299', '404'],
      authMethod: 'basic',
      basic_auth_user: 'probe',
      basic_auth_pass: 'very-secret',
      headers: '{"Accept-Language":"en","X-Api-Key":"very-secret"}',
      notificationIDList: { 1: true },
      ignoreTls: true,
    }),
    aMonitor({
      id: 3,
      parent: 1,
      name: 'Orders',
      type: 'json-query',
      url: 'https://shop.example.com/orders',
      method: 'POST',
      body: '{"a": 1}',
      jsonPath: 'queue.length',
      jsonPathOperator: '<',
      expectedValue: '5',
      authMethod: 'oauth2-cc',
      oauth_client_id: 'shop',
      oauth_client_secret: 'very-secret',
      oauth_token_url: 'https://auth.example.com/token',
      oauth_scopes: 'read',
    }),
    aMonitor({
      id: 4,
      name: 'JSONata',
      type: 'json-query',
      url: 'https://shop.example.com/',
      jsonPath: '$count(a)',
      expectedValue: '1',
    }),
    aMonitor({
      id: 5,
      name: 'No error',
      type: 'keyword',
      url: 'https://shop.example.com/',
      keyword: 'Error',
      invertKeyword: true,
    }),
    aMonitor({ id: 6, name: 'redis', type: 'port', hostname: 'shop.example.com', port: 6379 }),
    aMonitor({ id: 7, name: 'redis', type: 'ping', hostname: '192.0.2.1', interval: 20 }),
    aMonitor({
      id: 8,
      name: 'zone',
      type: 'dns',
      hostname: 'shop.example.com',
      port: 5353,
      dns_resolve_type: 'MX',
    }),
    aMonitor({ id: 9, name: 'Backup', type: 'push', interval: 3600, pushToken: 'very-secret' }),
    aMonitor({ id: 10, name: 'rpc', type: 'grpc-keyword', grpcUrl: 'shop.example.com:443' }),
    aMonitor({ id: 11, name: 'paused', active: false, url: 'https://shop.example.com/' }),
    aMonitor({
      id: 12,
      name: 'must be down',
      upsideDown: true,
      url: 'http://shop.example.com:81/',
    }),
    aMonitor({
      id: 13,
      name: 'orders db',
      type: 'postgres',
      databaseConnectionString:
        'postgres://probe%40shop:very-secret@db.example.com:5433/orders?sslmode=verify-full',
      databaseQuery: 'SELECT count(*) FROM orders',
    }),
    aMonitor({
      id: 14,
      name: 'no db',
      type: 'postgres',
      databaseConnectionString: 'Server=db;Password=very-secret',
    }),
  ],
})

describe('uptime-kuma', () => {
  const kuma = () => importUptimeKuma({ file: 'backup.json', text: KUMA })

  test('what it writes is valid, and means the same', async () => {
    const result = await loadFleet(await writeDown(kuma()), {})
    if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
    const { checks } = result.fleet
    expect(
      checks.map(({ id, kind, serviceId }) => `${serviceId}: ${kind} ${id}`).toSorted(),
    ).toEqual([
      'shop: http orders',
      'shop: http start-page',
      'uptime-kuma: dns zone',
      'uptime-kuma: heartbeat backup',
      'uptime-kuma: http jsonata',
      'uptime-kuma: http no-error',
      'uptime-kuma: icmp redis-2',
      'uptime-kuma: postgres orders-db',
      'uptime-kuma: tcp redis',
    ])
    const check = (id: string) => checks.find((one) => one.id === id)
    expect(check('start-page')).toMatchObject({
      url: 'https://shop.example.com/',
      headers: { 'Accept-Language': 'en' },
      redirectsMax: 10,
      timeoutMs: 48_000,
      schedule: { everyMs: 60_000 },
      alert: { failuresToFire: 3 },
      auth: { basic: { username: 'probe', password: 'IMPORTED_START_PAGE_PASSWORD' } },
      expectations: expect.arrayContaining([
        { level: 'must', subject: 'status', matcher: { oneOf: ['200-299', 404] } },
        { level: 'must', subject: 'body', matcher: { contains: 'Lamp' } },
        { level: 'should', subject: 'certificateDaysLeft', matcher: { min: 21 } },
      ]),
    })
    expect(check('orders')).toMatchObject({
      method: 'POST',
      body: '{"a": 1}',
      headers: { 'content-type': 'application/json' },
      auth: { oauth2: { clientId: 'shop', scope: 'read' } },
    })
    expect(check('orders')?.expectations).toContainEqual({
      level: 'must',
      subject: 'json',
      key: '$.queue.length',
      matcher: { max: 5, not: { equals: 5 } },
    })
    expect(check('no-error')?.expectations).toContainEqual(
      expect.objectContaining({ subject: 'body', matcher: { not: { contains: 'Error' } } }),
    )
    expect(check('redis')).toMatchObject({ host: 'shop.example.com', port: 6379 })
    expect(check('redis-2')).toMatchObject({ host: '192.0.2.1', size: 56, count: 1 })
    expect(check('zone')).toMatchObject({ server: '1.1.1.1:5353', recordType: 'MX' })
    expect(check('orders-db')).toMatchObject({
      host: 'db.example.com',
      port: 5433,
      security: 'verify',
      login: {
        user: 'probe@shop',
        password: 'IMPORTED_ORDERS_DB_PASSWORD',
        database: 'orders',
        query: 'SELECT count(*) FROM orders',
      },
    })
    expect(check('backup')).toMatchObject({
      token: 'IMPORTED_BACKUP_TOKEN',
      schedule: { everyMs: 3_600_000 },
    })
  })

  test('what has no equivalent is said with its place, and never what is secret', () => {
    const { leftOut, files } = kuma()
    expect(leftOut.map(({ place }) => place.replace('backup.json: ', ''))).toEqual([
      'monitorList[1].headers.X-Api-Key',
      'monitorList[1].basic_auth_pass',
      'monitorList[1].ignoreTls',
      'monitorList[1].notificationIDList',
      'monitorList[2].oauth_client_secret',
      'monitorList[3].jsonPath',
      'monitorList[8].pushToken',
      'monitorList[9].type',
      'monitorList[10].active',
      'monitorList[11].upsideDown',
      'monitorList[12].databaseConnectionString',
      'monitorList[13].databaseConnectionString',
      'monitorList[13].type',
      'notificationList',
    ])
    expect(JSON.stringify({ leftOut, files })).not.toContain('very-secret')
  })
})

test('the command writes files, over nothing, and says what is left out', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'blackbox.yml'), BLACKBOX)
  await writeFile(join(folder, 'targets'), 'icmp 192.0.2.1\n')
  await writeFile(join(folder, 'plain.yml'), 'modules: { icmp: { prober: icmp } }\n')
  const run = (...words: string[]) =>
    runFirewatch(['import', 'blackbox', ...words, '--targets', join(folder, 'targets')], { folder })

  const printed = await run(join(folder, 'plain.yml'))
  expect(printed).toMatchObject({ code: 0, stderr: '' })
  expect(printed.stdout).toContain('# probes/blackbox/blackbox.checks.yaml\n')

  const out = join(folder, 'out')
  const written = await run(join(folder, 'blackbox.yml'), '--out', out)
  expect(written.code).toBe(1)
  expect(written.stderr).toContain('modules.icmp.icmp.ttl: has no equivalent\n')
  expect(await readFile(join(out, 'config/services.yaml'), 'utf8')).toContain('id: blackbox')
  const again = await run(join(folder, 'blackbox.yml'), '--out', out)
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') })
  expect((await run(join(folder, 'nothing.yml'))).code).toBe(2)
  await writeFile(join(folder, 'bad.yml'), '{ a: [')
  expect((await run(join(folder, 'bad.yml'))).code).toBe(2)
})
