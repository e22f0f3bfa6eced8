import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import {
  createJourneyBench,
  type JourneyBench,
  journeySource,
} from '../../../support/journey-bench.ts'
import { type JourneySite, startJourneySite } from '../../../support/journey-site.ts'

let site: JourneySite
let bench: JourneyBench

beforeAll(async () => {
  site = await startJourneySite()
  bench = await createJourneyBench({
    connectTo: connectTo([
      { from: { host: 'shop.test', port: 80 }, to: { host: '127.0.0.1', port: site.port } },
    ]),
  })
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
})

test('a journey passes: its steps in order, its times, its file', async () => {
  const run = await bench.tryOut(
    `await step('open the shop', () => page.goto(target))
     await step('look around', async () => {
       await step('find the name', () => expect(page.getByText('Lamp shop')).toBeVisible())
     })
     log('all is well')`,
    { url: `${site.url}/?session=42#top` },
  )

  expect(run.error).toBeUndefined()
  expect(run.steps).toMatchObject([
    { name: 'open the shop', status: 'passed', url: `${site.url}/` },
    { name: 'look around', status: 'passed' },
    { name: 'find the name', status: 'passed' },
  ])
  const [, outer, inner] = run.steps
  expect(inner?.startMs).toBeGreaterThanOrEqual(outer?.startMs ?? Number.NaN)
  expect(inner?.ms).toBeLessThanOrEqual(outer?.ms ?? Number.NaN)
  expect(run.totalMs).toBe(run.durationMs)
  expect(run.durationMs).toBeLessThan(run.wallMs)
  expect(run.log).toEqual(['all is well'])
  expect(run.artifacts).toEqual([])
  expect(run.scriptHash).toMatch(/^[0-9a-f]{16}$/)
  expect(bench.hosts.browser()).toContain('Chrom')
})

test('every run starts without the cookies of the one before', async () => {
  const script = await bench.write(
    'shop/cookie.journey.ts',
    journeySource(`await page.goto(target)
      await expect(page.getByRole('heading')).toHaveText('no cookie')
      await page.reload()
      await expect(page.getByRole('heading')).toHaveText('visited=yes')`),
  )

  const runs = [
    await bench.run(script, { url: `${site.url}/cookie` }),
    await bench.run(script, { url: `${site.url}/cookie` }),
  ]

  expect(runs.map((run) => run.error)).toEqual([undefined, undefined])
})

test('a failing step has a screenshot, and its error begins with what the server answered', async () => {
  const run = await bench.tryOut(
    `await step('open the checkout', () => page.goto(target + '/502?token=abc'))
     await step('fill the form', () => page.getByLabel('Name').fill('Ada', { timeout: 300 }))
     await step('never reached', () => page.goto(target))`,
    { url: site.url },
  )

  expect(run.error).toMatchObject({ type: 'journey.step' })
  expect(run.error?.message).toMatch(
    new RegExp(`^HTTP 502 from ${site.url}/502; then: locator\\.fill: Timeout 300ms exceeded`),
  )
  expect(run.error?.message).toContain("waiting for getByLabel('Name')")
  expect(run.error?.message).not.toContain('\u001b')
  expect(run.steps.map(({ name, status }) => [name, status])).toEqual([
    ['open the checkout', 'passed'],
    ['fill the form', 'failed'],
  ])
  expect(run.steps[1]?.error).toBe(run.error?.message)
  const [picture] = run.artifacts
  expect(picture).toMatchObject({
    name: 'screenshot.png',
    mediaType: 'image/png',
    step: 'fill the form',
  })
  const bytes = await readFile(picture?.path ?? '')
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n')
  expect(bytes.byteLength).toBe(picture?.bytes)
})

test('the time of a failing step is the user’s: the screenshot is not in it', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await step('fail at once', () => { throw new Error('no lamps') })`,
    { url: site.url },
  )

  expect(run.error).toMatchObject({ type: 'journey.step', message: 'no lamps' })
  expect(run.artifacts).toHaveLength(1)
  // Even a fast picture takes longer than this.
  expect(run.steps[0]?.ms).toBeLessThan(10)
})

test('the inner of two nested steps is the one that the screenshot shows', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await step('buy', () => step('pay', () => { throw new Error('no money') }))`,
    { url: site.url },
  )

  expect(run.artifacts).toMatchObject([{ step: 'pay' }])
  expect(run.steps).toMatchObject([
    { name: 'buy', status: 'failed', error: 'no money' },
    { name: 'pay', status: 'failed', error: 'no money' },
  ])
})

test('a failed step that the journey recovers from does not fail the run, and leaves no picture', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await step('close the banner', () => { throw new Error('no banner') }).catch(() => undefined)`,
    { url: site.url },
  )

  expect(run.error).toBeUndefined()
  expect(run.steps).toMatchObject([{ status: 'failed' }])
  expect(run.artifacts).toEqual([])
})

test.each([
  {
    why: 'a mistake in the code is the script’s',
    body: 'const lamps = undefined; lamps.length',
    type: 'journey.script',
    message: /^outside any step: TypeError: .*undefined/,
  },
  {
    why: 'an expectation outside any step is the target’s',
    body: `await page.goto(target); await expect(page.getByText('sofa')).toBeVisible({ timeout: 100 })`,
    type: 'journey.step',
    message: /outside any step: expect\(locator\)\.toBeVisible\(\) failed/,
  },
  {
    why: 'a step that nobody waited for proves nothing',
    body: `void step('wait', () => page.waitForTimeout(5_000)).catch(() => undefined)`,
    type: 'journey.script',
    message: /step "wait" was still under way when the journey ended: is an await missing\?/,
  },
  {
    why: 'a promise that nobody waited for, and that fails',
    body: `void Promise.reject(new Error('lost')); await page.waitForTimeout(5_000)`,
    type: 'journey.script',
    message: /^nobody caught: lost/,
  },
  {
    why: 'a secret that the check does not declare',
    body: `log(secrets.SHOP_PASSWORD)`,
    type: 'journey.script',
    message: /SHOP_PASSWORD is not among the secrets that the check declares/,
  },
  {
    why: 'a target that refuses connections',
    body: `await step('open', () => page.goto('http://127.0.0.1:1/'))`,
    type: 'journey.step',
    message: /^page\.goto: net::ERR_/,
  },
  {
    why: 'a rule that is none',
    journeyOptions: `{ never: ['POST'] }`,
    body: `await page.goto(target)`,
    type: 'journey.script',
    message: /never: "POST" is not "METHOD glob"/,
  },
])('$why: $type', async ({ body, journeyOptions, type, message }) => {
  const run = await bench.tryOut(body, { url: site.url }, journeyOptions)
  expect(run.error).toMatchObject({ type, message: expect.stringMatching(message) })
})

test.each([
  { why: 'broken syntax', source: 'export default {{', message: /cannot be loaded.*SyntaxError/s },
  {
    why: 'no default export',
    source: 'export const lamp = 1',
    message: /:1:1: (there is no default export|the default export is not a journey)/,
  },
  {
    why: 'an import of something that does not exist',
    source: `import './lamps.ts'`,
    message: /cannot be loaded.*lamps\.ts/s,
  },
  {
    why: 'an exception while loading, with its place',
    source: `\n\nthrow new Error('not today')`,
    message: /cannot be loaded: .*journey\.ts:3:\d+: Error: not today/,
  },
])('a file with $why is the script’s fault', async ({ source, message, why }) => {
  const script = await bench.write(`shop/${why.replaceAll(/\W/g, '-')}.journey.ts`, source)
  const run = await bench.run(script)
  expect(run.error).toMatchObject({
    type: 'journey.script',
    message: expect.stringMatching(message),
  })
  expect(run.steps).toEqual([])
})

test('a changed journey, and a changed page object of an unchanged journey, are picked up', async () => {
  const journeyFor = (step: string) =>
    `import { journey } from 'firewatch'
     import { lamp } from './lamp-page.ts'
     export default journey(({ step }) => step('${step} ' + lamp, () => {}))`
  await bench.write('shop/lamp-page.ts', `export const lamp: string = 'red'`)
  const script = await bench.write('shop/lamp.journey.ts', journeyFor('see'))
  const names = async () => (await bench.run(script)).steps.map((step) => step.name)

  expect(await names()).toEqual(['see red'])
  await bench.write('shop/lamp-page.ts', `export const lamp: string = 'blue'`)
  expect(await names()).toEqual(['see blue'])
  await bench.write('shop/lamp.journey.ts', journeyFor('buy'))
  expect(await names()).toEqual(['buy blue'])
  await bench.write('shop/lamp-page.ts', 'export const lamp: = ')
  expect((await bench.run(script)).error).toMatchObject({ type: 'journey.script' })
  await bench.write('shop/lamp-page.ts', `export const lamp: string = 'blue'`)
  expect(await names()).toEqual(['buy blue'])
})

test('a journey that is not there, or lies outside the folder, is the probe’s fault', async () => {
  expect((await bench.run('shop/nowhere.journey.ts')).error).toMatchObject({
    type: 'probe.journey_missing',
  })
  await bench.write('../outside.journey.ts', journeySource('log("ran")'))
  const run = await bench.run('../outside.journey.ts')
  expect(run.error).toMatchObject({ type: 'probe.journey_missing' })
  expect(run.log).toEqual([])
})

test('declared secrets reach the journey, and nothing that leaves it', async () => {
  const known = { SHOP_PASSWORD: 'correct horse', PIN: '123', OTHER: 'not for this journey' }
  const run = await bench.tryOut(
    `log('password ' + secrets.SHOP_PASSWORD + ' pin ' + secrets.PIN.length)
     await page.goto(target + '/correct%20horse')
     await page.evaluate((text) => console.error('typed ' + text), secrets.SHOP_PASSWORD)
     await step('type ' + secrets.SHOP_PASSWORD, async () => {
       throw new Error('wrong: ' + secrets.SHOP_PASSWORD + ' ' + JSON.stringify(process.env))
     })`,
    { url: site.url, secrets: ['SHOP_PASSWORD', 'PIN'], known },
  )

  expect(run.log[0]).toBe('password [secret SHOP_PASSWORD] pin 3')
  expect(run.steps[0]).toMatchObject({
    name: 'type [secret SHOP_PASSWORD]',
    url: `${site.url}/[secret SHOP_PASSWORD]`,
  })
  expect(run.error?.message).toMatch(/^wrong: \[secret SHOP_PASSWORD\]/)
  expect(JSON.stringify(run)).not.toMatch(/correct(%20| |\+)horse/)
  expect(JSON.stringify(run)).not.toContain('not for this journey')
})

test('a declared secret that the probe does not have is the probe’s fault', async () => {
  const run = await bench.tryOut('', { secrets: ['SHOP_USER', 'SHOP_PASSWORD'] })
  expect(run.error).toMatchObject({
    type: 'probe.secret_missing',
    message: expect.stringContaining('SHOP_USER, SHOP_PASSWORD'),
  })
})

test('connections go where the probe’s rules say; the page keeps its name', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await expect(page.getByRole('heading')).toHaveText('shop.test')`,
    { url: 'http://shop.test/host' },
  )
  expect(run.error).toBeUndefined()
})

test('a loud page fills a bounded part of the log', async () => {
  const run = await bench.tryOut(
    `await page.goto(target); await page.waitForTimeout(50)
     for (let i = 0; i < 10_000; i++) log('line ' + i)`,
    { url: `${site.url}/loud` },
  )

  expect(run.log.filter((line) => line.startsWith('console error: lamp'))).toHaveLength(20)
  expect(run.log).toContain('further console errors are not kept')
  expect(run.log).toHaveLength(150)
})

test('what journeys see of the environment holds no token of the probe', async () => {
  const environment = { ...process.env, FIREWATCH_PROBE_TOKEN: 'very secret token' }
  const own = await createJourneyBench({ environment })
  const run = await own.tryOut('log(Object.keys(process.env).sort().join())')
  await own.stop()

  expect(run.log[0]).toContain('PATH')
  expect(run.log[0]).not.toContain('FIREWATCH')
})

test('runs wait for a free host, in order', async () => {
  const script = await bench.write(
    'shop/short.journey.ts',
    journeySource('await page.goto(target)'),
  )
  const runs = await Promise.all([1, 2, 3].map(() => bench.run(script, { url: site.url })))
  expect(runs.map((run) => run.error)).toEqual([undefined, undefined, undefined])
})

test('what a run leaves in the temporary folder is what it reports', async () => {
  const before = await readdir(join(bench.folder, 'temp'))
  await bench.tryOut('await page.goto(target)', { url: site.url })
  expect(await readdir(join(bench.folder, 'temp'))).toEqual(before)
})
