// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are variables written in YAML.
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CheckDefinition } from '../../../src/protocol/check.ts'
import type { Fleet } from '../../../src/protocol/config.ts'
import { CHECK_FILE, type FleetFiles, fleetFolder } from './fleet-folder.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const [ROOT = '', OTHER_ROOT = ''] = rootCertificates

type Environment = Record<string, string | undefined>

async function fleetIn(folder: string, environment: Environment = {}): Promise<Fleet> {
  const loaded = await loadFleet(folder, environment)
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([])
  if (!loaded.ok) throw new Error('the fleet is not valid')
  return loaded.fleet
}

const fleetOf = async (files: FleetFiles, environment: Environment = {}) =>
  fleetIn(await fleetFolder(files), environment)

test('the smallest fleet gets every default', async () => {
  const fleet = await fleetOf({})

  expect(fleet).toMatchObject({
    regions: [
      { id: 'eu-west', name: 'eu-west' },
      { id: 'us-east', name: 'us-east' },
    ],
    silentAfterMs: 60_000,
    services: [{ id: 'shop', name: 'shop', tier: 'core' }],
    verifyForMs: 30 * 60_000,
    channels: [],
    checks: [
      {
        id: 'buy',
        kind: 'journey',
        name: 'buy',
        serviceId: 'shop',
        tier: 'core',
        script: 'shop/buy.journey.ts',
        schedule: { kind: 'interval', everyMs: 60_000 },
        regions: ['eu-west', 'us-east'],
        timeoutMs: 30_000,
        expectations: [],
        alert: { failuresToFire: 3, regionsMin: 2, passesToResolve: 2 },
        secrets: [],
        ignoreHttpsErrors: false,
      },
    ],
  })
  expect(fleet.severityRules.at(-1)?.when).toEqual({})
  expect(fleet.hash).toMatch(/^[0-9a-f]{16}$/)
  expect(CheckDefinition.parse(fleet.checks[0])).toEqual(fleet.checks[0])
})

test('the rules of the shipped severities.yaml are the ones that hold without it', async () => {
  const shipped = await readShipped('config/severities.yaml')
  const withFile = await fleetOf({ 'config/severities.yaml': shipped })
  const without = await fleetOf({})

  expect(withFile).toEqual(without)
})

test.each(['regions', 'services', 'severities', 'notifications'])(
  'the shipped config/%s.yaml is valid, and names its schema for editors',
  async (name) => {
    const shipped = await readShipped(`config/${name}.yaml`)
    const loaded = await loadFleet(await fleetFolder({ [`config/${name}.yaml`]: shipped }), {})

    const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
    expect(problems.filter((problem) => problem.startsWith('config/'))).toEqual([])
    expect(shipped).toMatch(`# yaml-language-server: $schema=./schemas/${name}.schema.json\n`)
  },
)

test('the same files give the same fleet, whatever the order on disk and of the environment', async () => {
  const check = (id: string) =>
    `service: shop\nchecks: [{ id: ${id}, kind: dns, name: '\${HOST}', every: 1m }]\n`
  const files = { 'probes/z/z.checks.yaml': check('a'), 'probes/a/a.checks.yaml': check('z') }
  const reversed = Object.fromEntries(Object.entries(files).toReversed())

  const one = await fleetOf(files, { HOST: 'shop.test', OTHER: '1' })
  const two = await fleetOf(reversed, { OTHER: '2', HOST: 'shop.test' })

  expect(two).toEqual(one)
  expect(one.checks.map(({ id }) => id)).toEqual(['a', 'buy', 'z'])
})

test('the hash of a check changes with what it does, and only then', async () => {
  const http = (lines: string) =>
    `service: shop\nchecks:\n  - { id: home, kind: http, url: 'https://shop.test/', every: 30s${lines} }\n`
  const hashOf = async (lines: string) =>
    (await fleetOf({ [CHECK_FILE]: http(lines) })).checks[0]?.hash

  const hash = await hashOf('')
  expect(hash).toMatch(/^[0-9a-f]{16}$/)
  expect(await hashOf(', method: GET, redirects: 5, timeout: 10000ms')).toBe(hash)
  expect(await hashOf(', expect: { status: 200 }')).not.toBe(hash)
})

test('trusted roots travel as PEM, without whatever else the file holds', async () => {
  const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
  const fleet = await fleetOf({
    'probes/shop/ca.pem': `${ROOT}\r\n${key}\n${OTHER_ROOT}\n`,
    [CHECK_FILE]:
      'service: shop\nchecks: [{ id: tls, kind: tls, host: shop.test, every: 1h, trustedRoots: ./ca.pem }]\n',
  })

  expect(fleet.checks[0]).toMatchObject({ trustedRoots: `${ROOT}\n${OTHER_ROOT}\n` })
})

test.each([
  { why: 'text', content: '{"sku":7}', resolved: { body: '{"sku":7}' } },
  {
    why: 'text that looks like a marked one',
    content: 'base64:AA',
    resolved: { bodyBase64: 'YmFzZTY0OkFB' },
  },
])('the body of a request comes from a file: $why', async ({ content, resolved }) => {
  const fleet = await fleetOf({
    'probes/shop/order.json': content,
    [CHECK_FILE]:
      'service: shop\nchecks: [{ id: a, kind: http, url: "http://shop.test/", every: 1h, body: { file: ./order.json } }]\n',
  })
  expect(fleet.checks[0]).toMatchObject(resolved)
})

test('trusted roots can be named by a variable with an absolute path', async () => {
  const folder = await fleetFolder({
    'elsewhere/ca.pem': ROOT,
    [CHECK_FILE]:
      'service: shop\nchecks:\n  - id: tls\n    kind: tls\n    host: shop.test\n    every: 1h\n    trustedRoots: ${CA:-}\n',
  })

  const named = await fleetIn(folder, { CA: join(folder, 'elsewhere/ca.pem') })
  expect(named.checks[0]).toMatchObject({ trustedRoots: `${ROOT}\n` })
  const unnamed = await fleetIn(folder)
  expect(unnamed.checks[0]).not.toHaveProperty('trustedRoots')
})

test('a certificate that cannot be read is refused, without the path that a variable held', async () => {
  const folder = await fleetFolder({
    'hidden.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    [CHECK_FILE]:
      'service: shop\nchecks:\n  - id: tls\n    kind: tls\n    host: shop.test\n    every: 1h\n    trustedRoots: ${CA}\n',
  })

  const loaded = await loadFleet(folder, { CA: join(folder, 'hidden.pem') })

  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    `${CHECK_FILE}:7:19: the file "\${CA}" holds a certificate that cannot be read; expected a PEM file with at least one certificate`,
  ])
})

test('a link cannot bring a script in from outside probes/', async () => {
  const folder = await fleetFolder({ 'probes/shop/buy.journey.ts': undefined })
  await writeFile(join(folder, 'outside.ts'), '')
  await symlink('../../outside.ts', join(folder, 'probes/shop/buy.journey.ts'))

  const loaded = await loadFleet(folder, {})

  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    `${CHECK_FILE}:5:13: the script "./buy.journey.ts" lies outside probes/; expected a journey below probes/, by its path from this file`,
  ])
})

test("Kubernetes' mounted files are read once, though they are links to a second copy", async () => {
  const folder = await fleetFolder({ [CHECK_FILE]: undefined })
  const mounted = join(folder, 'probes/shop')
  await mkdir(join(mounted, '..2026_03_13'))
  await writeFile(
    join(mounted, '..2026_03_13/shop.checks.yaml'),
    'service: shop\nchecks: [{ id: names, kind: dns, name: shop.test, every: 1m }]\n',
  )
  await symlink('..2026_03_13', join(mounted, '..data'))
  await symlink('..data/shop.checks.yaml', join(mounted, 'shop.checks.yaml'))

  const fleet = await fleetIn(folder)

  expect(fleet.checks.map(({ id }) => id)).toEqual(['names'])
})

test('links to folders are not followed: one could lead into itself', async () => {
  const folder = await fleetFolder()
  await symlink('.', join(folder, 'probes/again'))

  const loaded = await loadFleet(folder, {})

  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    'probes/again:1:1: links to folders are not followed; expected a folder',
  ])
})

test('subfolders of config/, and files there that are no YAML, are not for us to read', async () => {
  await fleetOf({
    'config/README.md': '#',
    'config/probe.env.example': '',
    'config/old/x.yaml': '',
  })
})

test('a byte order mark and Windows line ends change nothing', async () => {
  const lines = 'service: shop\nchecks:\n  - { id: a, kind: dns, name: x.test, every: 1m }\n'
  const plain = await fleetOf({ [CHECK_FILE]: lines })
  const windows = await fleetOf({ [CHECK_FILE]: `\ufeff${lines.replaceAll('\n', '\r\n')}` })

  expect(windows).toEqual(plain)
})

test('a journey that no check runs is worth a warning', async () => {
  const loaded = await loadFleet(
    await fleetFolder({ 'probes/shop/old.journey.ts': 'export default undefined\n' }),
    {},
  )

  expect(loaded.ok && loaded.warnings?.map(formatProblem)).toEqual([
    'probes/shop/old.journey.ts:1:1: no check runs this journey',
  ])
})

test('a fleet that watches nothing is worth a warning', async () => {
  const loaded = await loadFleet(
    await fleetFolder({
      [CHECK_FILE]: undefined,
      'probes/shop/buy.journey.ts': undefined,
      'probes/shop/shop-pages.ts': '',
    }),
    {},
  )

  expect(loaded.ok && loaded.warnings?.map(formatProblem)).toEqual([
    'probes:1:1: nothing is watched; expected a *.checks.yaml file',
  ])
})

test('a channel of a service that ends is worth a warning', async () => {
  const channels = [
    '  - { id: old, kind: opsgenie, apiKey: OPSGENIE_API_KEY }',
    '  - { id: new, kind: jsm, apiKey: JSM_API_KEY }',
  ]
  const loaded = await loadFleet(
    await fleetFolder({ 'config/notifications.yaml': ['channels:', ...channels, ''].join('\n') }),
    {},
  )

  expect(loaded.ok && loaded.warnings?.map(formatProblem)).toEqual([
    'config/notifications.yaml:2:22: Opsgenie takes nothing any more from 2027-04-05 on; expected kind: jsm, with the key of an API integration of Jira Service Management',
  ])
})

const readShipped = (path: string) => readFile(join(PROJECT, path), 'utf8')

test('a job that calls oftener than the timeout of the defaults is fine: nobody waits for it', async () => {
  const job = '  - { id: export, kind: heartbeat, every: 6s, token: EXPORT_TOKEN }\n'
  const fleet = await fleetOf({
    [CHECK_FILE]: `service: shop\ndefaults: { timeout: 8s }\nchecks:\n${job}`,
  })
  expect(fleet.checks[0]).toMatchObject({ schedule: { everyMs: 6_000 }, graceMs: 60_000 })
})
