import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findCheck } from '../../../src/cli/find-check.ts'
import { Run } from '../../../src/protocol/run.ts'
import { runFirewatch } from '../../support/command.ts'
import { startPage } from '../../support/probe.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** A folder with definitions of one service, and a journey that no check names. */
async function aFolder(pageUrl: string): Promise<string> {
  const folder = await tempFolder()
  const files = {
    'config/regions.yaml': 'regions:\n  - id: eu-west\n',
    'config/services.yaml': 'services:\n  - { id: shop, tier: core, owner: Team }\n',
    'probes/shop/shop.checks.yaml': `service: shop
checks:
  - { id: home, kind: http, url: '${pageUrl}', every: 10s, expect: { status: 200 } }
  - { id: home-slow, kind: http, url: '${pageUrl}', every: 10s, should: { status: 418 } }
  - { id: nowhere, kind: http, url: 'http://127.0.0.1:1/', every: 10s }
  - { id: order, kind: api, every: 10s, requests: [{ name: open, url: '${pageUrl}' }] }
  - { id: walk, kind: journey, script: ./walk.journey.ts, url: '${pageUrl}', every: 1m }
`,
    'probes/shop/walk.journey.ts': JOURNEY,
    'new.journey.ts': JOURNEY,
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  return folder
}

const JOURNEY = `import { expect, journey } from 'firewatch'
export default journey(async ({ page, step, target }) => {
  await step('open the page', async () => {
    const response = await page.goto(target)
    expect(response?.status()).toBe(200)
  })
})
`

const run = (folder: string, words: string[], environment = {}) =>
  runFirewatch(['run', ...words], { folder, environment })

test('a check that passes: a report on stdout, progress on stderr, 0', async () => {
  const folder = await aFolder((await startPage()).url)
  const { code, stdout, stderr } = await run(folder, ['home'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'running home …\n' })
  expect(stdout).toContain('✓ passed  home')
  expect(stdout).toMatch(/firstByte +[\d.]+ ms +█/)
  expect(stdout).toMatch(/✓ held +status +expected 200, got 200/)
})

test('as JSON it is the run, and nothing else', async () => {
  const page = await startPage()
  const folder = await aFolder(page.url)
  const { code, stdout } = await run(folder, ['home', '--json', '--region', 'eu-west'])
  expect(code).toBe(0)
  expect(Run.parse(JSON.parse(stdout))).toMatchObject({
    checkId: 'home',
    regionId: 'eu-west',
    verdict: 'passed',
    facts: { status: 200 },
  })
})

test('with --every-address each address has its line, and the dead one fails the check', async () => {
  const { port } = new URL((await startPage()).url)
  // A name of this machine: 127.0.0.1, where the page is, and ::1, where nothing is.
  const folder = await aFolder(`http://shop.localhost:${port}/`)
  expect((await run(folder, ['home'])).code).toBe(0)
  const { code, stdout } = await run(folder, ['home', '--every-address'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/✓ 127\.0\.0\.1 +[\d.]+ ms/)
  expect(stdout).toMatch(/✗ ::1 +[\d.]+ ms/)
  expect(stdout).toMatch(/✓ held +127\.0\.0\.1: status +expected 200, got 200/)
  expect(stdout).toMatch(/connect\.refused|probe\.network/)
})

test.each([
  { why: 'degraded is still fine', words: ['home-slow'], code: 0, says: '! degraded' },
  { why: 'failed', words: ['nowhere'], code: 1, says: 'connect.refused' },
  { why: 'no such check', words: ['hone'], code: 2, says: 'did you mean home?' },
  { why: 'no such file', words: ['no.journey.ts'], code: 2, says: 'there is no file' },
  {
    why: 'a kind without addresses',
    words: ['walk', '--every-address'],
    code: 2,
    says: 'walk is a journey check',
  },
  {
    why: 'requests of their own hosts',
    words: ['order', '--every-address'],
    code: 2,
    says: 'order is an api check, whose requests may go to several hosts',
  },
  { why: 'no browser', words: ['walk'], code: 3, says: 'probe.browser_missing' },
])('$why: exits with $code', async ({ words, code, says }) => {
  const folder = await aFolder((await startPage()).url)
  const result = await run(folder, words, { FIREWATCH_CHROMIUM: '/nowhere/chromium' })
  expect(result.code).toBe(code)
  expect(result.stdout + result.stderr).toContain(says)
})

test('definitions that are not valid are all printed, with 2', async () => {
  const folder = await aFolder('http://127.0.0.1/')
  await writeFile(
    join(folder, 'probes/shop/shop.checks.yaml'),
    'service: shop\nchecks:\n  - { id: X }\n',
  )
  const { code, stderr } = await run(folder, ['home'])
  expect(code).toBe(2)
  expect(stderr).toContain('probes/shop/shop.checks.yaml:3')
})

test('a journey runs by the path of its file, with or without a check that names it', async () => {
  const page = await startPage()
  const folder = await aFolder(page.url)
  const known = await run(folder, ['probes/shop/walk.journey.ts'])
  expect(known.stdout).toContain('✓ passed  walk')
  expect(known.stdout).toMatch(/✓ open the page +\d/)

  page.status = 500
  const unknown = await run(folder, ['new.journey.ts', '--url', page.url])
  expect(unknown.code).toBe(1)
  expect(unknown.stdout).toContain('✗ failed  new')
  expect(unknown.stdout).toContain('✗ open the page')
  expect(unknown.stdout).toContain('.firewatch/last-run/screenshot.png')
  expect(existsSync(join(folder, '.firewatch/last-run/screenshot.png'))).toBe(true)
})

test('repeated, it tells how often it passes, how long each step takes, and why it fails', async () => {
  const page = await startPage()
  const folder = await aFolder(page.url)
  await writeFile(
    join(folder, 'flaky.journey.ts'),
    `import { journey } from 'firewatch'
let runs = 0
export default journey(async ({ page, step, target, params }) => {
  runs++
  await step('open the page', () => page.goto(target))
  await step('be lucky', () => { if (runs === Number(params.unlucky)) throw new Error('no luck') })
})
`,
  )
  const words = ['flaky.journey.ts', '--url', page.url, '--param', 'unlucky=2', '--repeat', '3']

  const text = await run(folder, words)
  const json = JSON.parse((await run(folder, [...words, '--json'])).stdout)

  expect(text.code).toBe(1)
  const files = '.firewatch/last-run/run-2'
  expect(text.stderr).toContain(`1/3 passed\n2/3 failed  files: ${files}\n3/3 passed\n`)
  expect(existsSync(join(folder, files, 'screenshot.png'))).toBe(true)
  expect(text.stdout).toContain('3 runs: 2 passed, 1 failed; pass rate 66.7 %')
  expect(text.stdout).toMatch(/open the page {2}p50 [\d.]+ m?s {2}p95 [\d.]+ m?s {2}\(3\)/)
  expect(text.stdout).toContain('1 × no luck')
  expect(json.runs).toHaveLength(3)
  expect(json.summary).toMatchObject({ runs: 3, verdicts: { passed: 2, failed: 1 } })
})

test.each([
  ['--repeat', 'often', 'expected a whole number from 1 to 1000'],
  ['--param', 'lamp', 'expected name=value, such as product=lamp-7'],
])('%s %s is refused with what was expected', async (option, value, expected) => {
  const folder = await aFolder((await startPage()).url)
  const { code, stderr } = await run(folder, ['new.journey.ts', option, value])
  expect(code).toBe(2)
  expect(stderr).toContain(expected)
})

test('a journey file looks up its target where the region’s network says, as a check does', async () => {
  const folder = await aFolder((await startPage()).url)
  await writeFile(
    join(folder, 'config/regions.yaml'),
    'regions:\n  - { id: eu-west, network: public }\n',
  )
  const options = { region: 'eu-west', folder, environment: {} }
  const byFile = await findCheck(join(folder, 'new.journey.ts'), options)
  const byPath = await findCheck(join(folder, 'probes/shop/walk.journey.ts'), options)
  expect(byFile.network).toMatchObject({ policy: 'public' })
  expect(byPath.network).toEqual(byFile.network)
})
