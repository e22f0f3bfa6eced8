import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBrowser } from '../../../../src/probe/find-browser.ts'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

/** No browser is downloaded for tests: what is missing here is missing on purpose. */
const NOWHERE = { PATH: '/nowhere' }

/** The other Chromium than the one that tests usually have; loudly missed. */
const full = await findBrowser({ engine: 'chromium', channel: 'chromium' }, process.env)
if ('missing' in full)
  process.stderr.write(`SKIPPED: no check asks for another browser, because ${full.missing}\n`)

let bench: JourneyBench

beforeAll(async () => {
  bench = await createJourneyBench()
})

afterAll(() => bench.stop())

test.each([
  { choice: { engine: 'firefox' }, says: 'no firefox', command: 'install --with-deps firefox"' },
  { choice: { engine: 'webkit' }, says: 'no webkit', command: 'install --with-deps webkit"' },
  {
    choice: { engine: 'chromium', channel: 'msedge' },
    says: 'no msedge',
    command: 'playwright install msedge"',
  },
] as const)('$says is said with how to get one', async ({ choice, says, command }) => {
  const found = await findBrowser(choice, NOWHERE)
  expect(found).toEqual({ missing: expect.stringContaining(says) })
  expect(found).toEqual({ missing: expect.stringContaining(command) })
})

test('a channel is found by the name that its package gives it', async () => {
  const folder = await tempFolder()
  const path = join(folder, 'microsoft-edge-stable')
  await writeFile(path, '#!/bin/sh\necho "Microsoft Edge 150.0"\n')
  await chmod(path, 0o755)
  expect(await findBrowser({ engine: 'chromium', channel: 'msedge' }, { PATH: folder })).toEqual({
    path,
    version: 'Microsoft Edge 150.0',
  })
})

test.skipIf('missing' in full)(
  'a check gets the browser that it asks for, and the next one the usual again',
  { timeout: 60_000 },
  async () => {
    const pid = (run: { log: string[] }) => run.log[0]
    const body = `log(String(process.pid)); log(context.browser().version())`
    const usual = await bench.tryOut(body)
    const other = await bench.tryOut(body, { browser: { channel: 'chromium' } })
    const back = await bench.tryOut(body)
    for (const { error } of [usual, other, back]) expect(error).toBeUndefined()
    expect(pid(other)).not.toBe(pid(usual))
    expect(pid(back)).not.toBe(pid(other))
    expect(other.browser?.engine).toMatch(/^chromium \d+/)
  },
)

test.skipIf('missing' in full)('Chrome is driven where its package put it', async () => {
  const folder = await tempFolder()
  if ('missing' in full) throw new Error(full.missing)
  await symlink(full.path, join(folder, 'google-chrome-stable'))
  const withChrome = await createJourneyBench({ isCold: true, environment: { PATH: folder } })
  try {
    const run = await withChrome.tryOut(
      `await page.setContent('<h1>Lamps</h1>')
       await expect(page.getByText('Lamps')).toBeVisible()`,
      { browser: { channel: 'chrome' } },
    )
    expect(run.error).toBeUndefined()
    expect(run.browser?.engine).toMatch(/^chromium \d+/)
  } finally {
    await withChrome.stop()
  }
})

test('an engine that is not there is the probe’s fault, and harms no other run', async () => {
  const run = await bench.tryOut('', { browser: { engine: 'webkit' } })
  expect(run.error).toMatchObject({
    type: 'probe.browser_missing',
    message: expect.stringMatching(/^this probe has no webkit, which the check asks for: install/),
  })
  expect((await bench.tryOut('')).error).toBeUndefined()
})
