import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findSecret } from '../../../support/find-secret.ts'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { startLeakySite } from '../../../support/leaky-site.ts'

let bench: JourneyBench

beforeAll(async () => {
  bench = await createJourneyBench()
})

afterAll(() => bench.stop())

const textIn = (files: ReadonlyMap<string, Buffer>, name: string) =>
  files.get(name)?.toString('utf8') ?? ''

/** All that is written in a trace. */
const traceText = (files: ReadonlyMap<string, Buffer>) =>
  Object.values(unzipSync(files.get('trace.zip') ?? new Uint8Array()))
    .map((content) => Buffer.from(content).toString('utf8'))
    .join('\n')

test('a run that fails is recorded: trace with its steps, requests, document, console, and what came of it', async () => {
  const site = await startLeakySite()
  const { recording, files } = await bench.record(
    `await step('open the shop', () => page.goto(target))
     await page.evaluate(() => console.warn('lamps are low'))
     await step('find the lamp', () => expect(page.getByText('Marlow')).toBeVisible({ timeout: 200 }))`,
    { url: site.url },
  )

  expect(recording).toMatchObject({ verdict: 'failed', step: 'find the lamp' })
  expect(recording.error).toMatchObject({ type: 'journey.step' })
  expect(JSON.parse(textIn(files, 'recording.json'))).toEqual(recording)
  expect(traceText(files)).toContain('find the lamp')
  const har = JSON.parse(textIn(files, 'network.har'))
  expect(har.log.entries.map((entry: { request: { url: string } }) => entry.request.url)).toContain(
    `${site.url}/`,
  )
  expect(textIn(files, 'page.html')).toContain('<h1>Welcome</h1>')
  expect(textIn(files, 'console.txt')).toMatch(/\d+ ms {2}warning: lamps are low/)
})

test('a run that passes the second time is told so', async () => {
  const site = await startLeakySite()
  const { recording } = await bench.record(`await page.goto(target)`, { url: site.url })

  expect(recording).toMatchObject({ verdict: 'passed', durationMs: expect.any(Number) })
  expect(recording.error).toBeUndefined()
})

test('a journey that hangs ends in time, and is recorded all the same', async () => {
  const site = await startLeakySite()
  const { recording, files } = await bench.record(
    `await page.goto(target); await step('wait', () => new Promise(() => undefined))`,
    { url: site.url, timeoutMs: 1_500 },
  )

  expect(recording).toMatchObject({ verdict: 'failed', step: 'wait', error: { type: 'timeout' } })
  expect([...files.keys()]).toEqual(expect.arrayContaining(['trace.zip', 'network.har']))
})

test('a page that hangs costs its document, which is told, and the host is replaced', async () => {
  const site = await startLeakySite()
  const { recording, files } = await bench.record(
    `await page.goto(target)
     await page.evaluate(() => void setTimeout(() => { for (;;); }, 0))
     await step('click', () => page.getByRole('heading').click())`,
    { url: site.url, timeoutMs: 1_500 },
  )

  expect(recording.verdict).toBe('failed')
  expect(recording.notes.join('\n')).toMatch(/no page\.html: not within|did not come to its end/)
  expect(files.has('page.html')).toBe(false)
  const { recording: next } = await bench.record(`await page.goto(target)`, { url: site.url })
  expect(next.verdict).toBe('passed')
}, 60_000)

const SECRET = 'k&n"ary <s3cret> ümlaut/91'

/** Tells the secret to everything that a recording could keep it in. */
const LEAKS = `
  await page.goto(target + '/?token=' + encodeURIComponent(secrets.SHOP_TOKEN))
  await page.getByLabel('User').fill(secrets.SHOP_TOKEN)
  await page.getByLabel('Password').fill(secrets.SHOP_TOKEN)
  await page.evaluate(async (told) => {
    console.log('the token is ' + told)
    localStorage.setItem('token', told)
    document.cookie = 'mine=' + encodeURIComponent(told)
    document.title = told
    document.body.dataset.token = told
    const utf8 = String.fromCharCode(...new TextEncoder().encode('user:' + told))
    await fetch('/api', { method: 'POST', body: told, headers: { authorization: 'Basic ' + btoa(utf8) } })
    await fetch('/api', { method: 'POST', body: JSON.stringify({ told }), headers: { 'content-type': 'application/json' } })
    await fetch('/api', { method: 'POST', body: new URLSearchParams({ told }) })
  }, secrets.SHOP_TOKEN)
  log('logged in with ' + secrets.SHOP_TOKEN)
  await step('use ' + secrets.SHOP_TOKEN, () => { throw new Error('wrong token: ' + secrets.SHOP_TOKEN) })`

test('no file of a recording and nothing of the run lets a secret be read, in whatever form', async () => {
  const site = await startLeakySite()
  const options = { url: site.url, secrets: ['SHOP_TOKEN'], known: { SHOP_TOKEN: SECRET } }
  const { recording, files } = await bench.record(LEAKS, options)
  const run = await bench.tryOut(LEAKS, options)

  expect(recording.error?.message).toContain('[secret SHOP_TOKEN]')
  expect(site.asked.filter((asked) => asked === 'POST /api')).toHaveLength(6)
  const found = [...files].flatMap(([name, content]) => findSecret(SECRET, name, content))
  expect(found).toEqual([])
  expect(findSecret(SECRET, 'run', Buffer.from(JSON.stringify(run)))).toEqual([])
  // The same eye finds it where it may stand.
  const { files: unmasked } = await bench.record(
    LEAKS.replaceAll('secrets.SHOP_TOKEN', JSON.stringify(SECRET)),
    { url: site.url },
  )
  const open = [...unmasked].flatMap(([name, content]) => findSecret(SECRET, name, content))
  expect(open).toEqual(
    expect.arrayContaining(['network.har', 'page.html', 'console.txt', 'recording.json']),
  )
  expect(open.some((name) => name.startsWith('trace.zip > '))).toBe(true)
})

test('sessions do not stand in what is recorded', async () => {
  const site = await startLeakySite()
  const { files } = await bench.record(
    `await page.goto(target + '/?token=session-91-of-somebody'); await page.goto(target + '/next')`,
    { url: site.url },
  )
  const headers = JSON.parse(textIn(files, 'network.har')).log.entries.flatMap(
    ({
      request,
      response,
    }: {
      request: { headers: object[] }
      response: { headers: object[] }
    }) => [...request.headers, ...response.headers],
  )
  expect(headers).toContainEqual({ name: 'Cookie', value: 'session=[redacted]' })
  expect(JSON.stringify(headers)).not.toContain('session=session-91')
  expect(traceText(files)).not.toContain('session=session-91')
})

test('what is to be painted over is in no document, and grey in every picture', async () => {
  const site = await startLeakySite()
  const { recording, files } = await bench.record(
    `await page.goto(target)
     const { data } = await (await context.newCDPSession(page)).send('Page.captureScreenshot', { format: 'png' })
     log(data)
     const colour = await page.evaluate(async (png) => {
       const image = new Image()
       image.src = 'data:image/png;base64,' + png
       await image.decode()
       const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
       canvas.drawImage(image, 0, 0)
       const { x, y } = document.querySelector('#card').getBoundingClientRect()
       return [...canvas.getImageData(x + 100, y + 50, 1, 1).data].join(',')
     }, data)
     throw new Error(colour)`,
    {
      url: site.url,
      evidence: { screenshots: 'never', recording: 'never', paintOver: ['#card'] },
    },
  )

  expect(recording.error?.message).toContain('128,128,128,255')
  expect(textIn(files, 'page.html')).toContain('[painted over]')
  expect(textIn(files, 'page.html')).not.toContain('4111')
  expect(traceText(files)).not.toContain('4111')
})

test('each step leaves a picture outside of its time, unless nothing has changed', async () => {
  const site = await startLeakySite()
  const run = await bench.tryOut(
    `await step('open', () => page.goto(target))
     await step('look', () => undefined)
     await step('type', () => page.getByLabel('User').fill('Ada'))
     await step('fail', () => { throw new Error('no') })`,
    { url: site.url, evidence: { screenshots: 'each-step', recording: 'never', paintOver: [] } },
  )

  expect(run.artifacts.map(({ name, step }) => `${name}: ${step}`)).toEqual([
    'step-01.png: open',
    'step-02.png: type',
    'screenshot.png: fail',
  ])
  const look = run.steps.find(({ name }) => name === 'look')
  expect(look?.ms).toBeLessThan(look?.grossMs ?? 0)
})
