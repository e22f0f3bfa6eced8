// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are variables written in YAML.
import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CHECK_FILE, fleetFolder } from './fleet-folder.ts'

/** What is wrong with requests, their templates and what looks into their answers. */

const ENVIRONMENT = { HIDDEN: 'hidden {{secretName}} [', LOOK: '$.hidden[' }

const HTTP = `service: shop
checks:
  - id: home
    kind: http
    every: 30s
`
const API = `service: shop
checks:
  - id: order
    kind: api
    every: 30s
`

async function problemsOf(checks: string): Promise<string[]> {
  const folder = await fleetFolder({
    [CHECK_FILE]: checks,
    'probes/shop/buy.journey.ts': undefined,
    'probes/shop/body.txt': 'sku={{sku}}',
    'probes/shop/body.bin': new Uint8Array([0xff, 0x7b, 0x7b, 0x61, 0x7d, 0x7d]),
  })
  const loaded = await loadFleet(folder, ENVIRONMENT)
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

const UNKNOWN =
  'stands for nothing; expected a name in "secrets", or a value that an earlier request of an api check captures'

test.each<{ why: string; checks: string; problems: string[] }>([
  {
    why: 'names that are nothing, in address, headers and body',
    checks: `${HTTP}    url: 'https://shop.test/{{A}}'
    headers: { x-key: '{{B}}' }
    body: { json: { a: [{ '{{C}}': 1 }, '{{D}} {{D}}'] } }
`,
    problems: [
      `6:10: "{{A}}" ${UNKNOWN}`,
      `7:23: "{{B}}" ${UNKNOWN}`,
      `8:27: "{{C}}" ${UNKNOWN}`,
      `8:41: "{{D}}" ${UNKNOWN}`,
    ],
  },
  {
    why: 'a misspelled secret',
    checks: `${HTTP}    url: 'https://shop.test/?k={{SHOP_KYE}}'
    secrets: [SHOP_KEY]
`,
    problems: ['6:10: "{{SHOP_KYE}}" stands for nothing; did you mean "{{SHOP_KEY}}"?'],
  },
  {
    why: 'a name in the file of a body',
    checks: `${HTTP}    url: https://shop.test/
    method: POST
    body: { file: ./body.txt }
`,
    problems: [`8:19: "{{sku}}" ${UNKNOWN}`],
  },
  {
    why: 'a name that a variable holds is not shown',
    checks: `${HTTP}    url: https://shop.test/
    body: '${'$'}{HIDDEN}'
`,
    problems: [`7:11: a name in double braces ${UNKNOWN}`],
  },
  {
    why: 'a value in a host, which would say where secrets go',
    checks: `${HTTP}    url: 'https://{{SHOP}}.test/'
    secrets: [SHOP]
`,
    problems: [
      '6:10: a name in double braces cannot stand in the host of an address; expected it in the path or the query; a login in "auth"',
    ],
  },
  {
    why: 'a value that only a later request captures',
    checks: `${API}    requests:
      - { name: look, url: 'https://shop.test/{{orderId}}' }
      - { name: create, url: 'https://shop.test/{{orderId}}', capture: { orderId: { json: $.id } } }
      - { name: again, url: 'https://shop.test/{{orderId}}' }
`,
    problems: [`7:28: "{{orderId}}" ${UNKNOWN}`, `8:30: "{{orderId}}" ${UNKNOWN}`],
  },
  {
    why: 'two requests of one name',
    checks: `${API}    requests:
      - { name: look, url: https://shop.test/ }
      - { name: look, url: https://shop.test/ }
`,
    problems: [
      '8:17: the request name "look" is taken, at probes/shop/shop.checks.yaml:7:17; expected a name of its own',
    ],
  },
  ...['both', 'every'].map((addresses) => ({
    why: `a chain at several addresses: ${addresses}`,
    checks: `${API}    addresses: ${addresses}
    requests: [{ name: look, url: https://shop.test/ }]
`,
    problems: [
      `6:16: an api check cannot run at several addresses with "${addresses}"; expected "any", "ipv4" or "ipv6"`,
    ],
  })),
  {
    why: 'paths and selectors that cannot be evaluated',
    checks: `${HTTP}    url: https://shop.test/
    expect: { json: { '$.a[': 1, items: 2, $.fine: 3 }, select: { 'h1 >': a, ':odd': b, h1: c } }
    should: { json: { '$[?nope(@)]': 1 } }
`,
    problems: [
      expect.stringMatching(
        /^7:23: "\$\.a\[" is no JSONPath; expected a path such as \$\.items\[0\]\.price \(.+\)$/,
      ),
      expect.stringMatching(/^7:34: "items" is no JSONPath; expected a path such as/),
      expect.stringMatching(/^7:\d+: "h1 >" is no CSS selector; .*\(it ends too early\)$/),
      expect.stringMatching(
        /^7:78: ":odd" is no CSS selector; expected a selector such as h1 or ul > li \(Unknown pseudo-class :odd\)$/,
      ),
      expect.stringMatching(/^8:23: "\$\[\?nope\(@\)\]" is no JSONPath/),
    ] as string[],
  },
  {
    why: 'the same in the requests of a chain, and in what they capture',
    checks: `${API}    requests:
      - name: look
        url: https://shop.test/
        expect: { json: { a: 1 } }
        capture: { one: { json: $. }, two: { select: 'a[' }, three: { select: '' }, four: { json: '\${LOOK}' } }
`,
    problems: [
      expect.stringMatching(/^9:27: "a" is no JSONPath/),
      expect.stringMatching(/^10:33: "\$\." is no JSONPath/),
      expect.stringMatching(/^10:54: "a\[" is no CSS selector/),
      expect.stringMatching(/^10:79: "" is no CSS selector; .* \(it is empty\)$/),
      '10:99: "${LOOK}" is no JSONPath; expected a path such as $.items[0].price',
    ] as string[],
  },
])('$why', async ({ checks, problems }) => {
  const found = await problemsOf(checks)
  const place = `${CHECK_FILE}:`
  expect(found.map((problem) => problem.replace(place, ''))).toEqual(problems)
})

test.each([
  {
    why: 'declared, captured, in a file of bytes, or in braces that are none of ours',
    checks: `${API}    secrets: [KEY]
    requests:
      - name: create
        url: 'https://shop.test/{{KEY}}'
        auth: { bearer: NOT_DECLARED }
        body: { file: ./body.bin }
        capture: { orderId: { json: $.id }, row: { select: 'tr:nth-child(2) > td' } }
      - name: look
        url: 'https://shop.test/?id={{orderId}}'
        body: '{{ not-ours }} {{}}'
        expect: { select: { 'ul > li:has(a)': { count: 2 } }, json: { '$.items[?@.price > 3].sku': a } }
`,
  },
  {
    why: 'both addresses of a single request',
    checks: `${HTTP}    url: https://shop.test/\n    addresses: both\n`,
  },
])('is taken: $why', async ({ checks }) => {
  expect(await problemsOf(checks)).toEqual([])
})

const MANY = Array.from({ length: 10 }, (_, index) => `'$.a${index}': 1`).join(', ')
const requests = (count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      `      - { name: r${index}, url: https://shop.test/, expect: { json: { ${MANY} } } }`,
  ).join('\n')

test('more expectations than a run can tell are refused, with those that are implied', async () => {
  // Ten written ones of each request, and its status.
  expect(await problemsOf(`${API}    requests:\n${requests(20)}\n`)).toEqual([
    'probes/shop/shop.checks.yaml:7:7: the check has 220 expectations; expected at most 200, which is what a run can tell of',
  ])
  expect(await problemsOf(`${API}    requests:\n${requests(18)}\n`)).toEqual([])
})

test.each([
  {
    why: 'a password in an address',
    checks: `${HTTP}    url: https://ada:hunter2@shop.test/\n`,
    problem: '6:10: the address in "url" holds a login',
    expected: 'auth: { basic: { username: ada, password: SHOP_PASSWORD } }',
  },
  {
    why: 'a user name alone',
    checks: `${HTTP}    url: https://ada@shop.test/\n`,
    problem: '6:10: the address in "url" holds a login',
    expected: 'auth: { basic',
  },
  {
    why: 'in a request',
    checks: `${API}    requests: [{ name: a, url: 'https://ada:hunter2@shop.test/' }]\n`,
    problem: '6:32: the address in "url" holds a login',
    expected: 'auth: { basic',
  },
  {
    why: 'of a WebSocket',
    checks: `${HTTP.replace('http', 'websocket')}    url: wss://ada:hunter2@shop.test/\n`,
    problem: '6:10: the address in "url" holds a login',
    expected: 'auth: { basic',
  },
  {
    why: 'of a proxy',
    checks: `${HTTP}    url: https://shop.test/\n    proxy: http://ada:hunter2@proxy.test:3128\n`,
    problem: '7:12: the address in "proxy" holds a login',
    expected:
      'proxy: { url: http://proxy.example.com:3128, username: ada, password: PROXY_PASSWORD }',
  },
  {
    why: 'of a proxy that is written at length',
    checks: `${HTTP}    url: https://shop.test/\n    proxy: { url: 'http://ada:hunter2@proxy.test:3128' }\n`,
    problem: '7:19: the address in "url" holds a login',
    expected: 'proxy: { url',
  },
  {
    why: 'of a server of tokens',
    checks: `${HTTP}    url: https://shop.test/
    auth: { oauth2: { tokenUrl: 'https://ada:hunter2@shop.test/', clientId: a, clientSecret: S } }\n`,
    problem: '7:33: the address in "tokenUrl" holds a login',
    expected: 'clientId and clientSecret',
  },
  {
    why: 'of a registry',
    checks: `${HTTP.replace('http', 'tls')}    host: shop.test\n    rdapServer: https://ada:hunter2@rdap.test/\n`,
    problem: '7:17: the address in "rdapServer" holds a login',
    expected: 'an address without user and password',
  },
  {
    why: 'of a name server',
    checks: `${HTTP.replace('http', 'dns')}    name: shop.test\n    server: https://ada:hunter2@dns.test/dns-query\n`,
    problem: '7:13: the address in "server" holds a login',
    expected: 'an address without user and password',
  },
  {
    why: 'of a journey',
    checks: `${HTTP.replace('http', 'journey')}    script: ./buy.journey.ts\n    url: https://ada:hunter2@shop.test/\n`,
    problem: '7:10: the address in "url" holds a login',
    expected: 'the name of a secret in "secrets"',
  },
])('a login that everybody could read is refused: $why', async ({ checks, problem, expected }) => {
  const folder = await fleetFolder({ [CHECK_FILE]: checks })
  const loaded = await loadFleet(folder, {})
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(
    `${problem}, and everybody who sees the check would see it; expected`,
  )
  expect(problems[0]).toContain(expected)
  expect(problems[0]).not.toContain('hunter2')
})
