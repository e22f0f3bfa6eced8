import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findChromium } from '../../../../src/probe/find-chromium.ts'
import { createJourneyBench } from '../../../support/journey-bench.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

async function aBrowser(folder: string, name: string, script: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

test('the browser that the environment names is taken, with its version', async () => {
  const path = await aBrowser(await tempFolder(), 'mine', 'echo "Mine 1.2.3 "')
  expect(await findChromium({ FIREWATCH_CHROMIUM: path })).toEqual({ path, version: 'Mine 1.2.3' })
})

test.each([
  { why: 'does not exist', script: undefined, says: /there is no program that can be run/ },
  { why: 'fails', script: 'exit 3', says: /it cannot be started/ },
  { why: 'says nothing', script: 'true', says: /does not say its version/ },
])('a named browser that $why is not passed over', async ({ script, says }) => {
  const folder = await tempFolder()
  const path = script === undefined ? join(folder, 'none') : await aBrowser(folder, 'bad', script)
  const found = await findChromium({ FIREWATCH_CHROMIUM: path, PATH: process.env.PATH })
  expect(found).toEqual({ missing: expect.stringMatching(says) })
  expect(found).toEqual({ missing: expect.stringContaining(`FIREWATCH_CHROMIUM is ${path}`) })
})

test('for a window a headless shell is passed over, and a full browser is taken', async () => {
  const folder = await tempFolder()
  const shell = await aBrowser(folder, 'chromium-headless-shell', 'echo "Shell 1"')
  const onlyShell = await findChromium({ PATH: folder }, { isHeaded: true })
  expect(onlyShell).not.toMatchObject({ path: shell })
  if ('missing' in onlyShell) expect(onlyShell.missing).toContain('that can show a window')

  await aBrowser(folder, 'chromium', 'echo "Full 1"')
  const found = await findChromium({ PATH: folder }, { isHeaded: true })
  expect(found).toEqual({
    path: expect.not.stringContaining('headless'),
    version: expect.any(String),
  })
})

// Playwright's own comes first, so this holds only where it is not installed; as in CI images.
test('this machine has a browser', async () => {
  const found = await findChromium(process.env)
  expect(found).toEqual({ path: expect.any(String), version: expect.stringContaining('Chrom') })
})

test('without a browser runs are the probe’s fault, and one that appears later is found', async () => {
  const folder = await tempFolder()
  const path = join(folder, 'chromium')
  const bench = await createJourneyBench({
    environment: { ...process.env, FIREWATCH_CHROMIUM: path },
  })
  try {
    const without = await bench.tryOut('log("ran")')
    expect(without.error).toMatchObject({
      type: 'probe.browser_missing',
      message: expect.stringContaining(path),
    })
    expect(bench.hosts.browser()).toContain(path)

    const found = await findChromium(process.env)
    const real = 'path' in found ? found.path : ''
    await aBrowser(folder, 'chromium', `exec '${real}' "$@"`)
    expect(await bench.tryOut('log("ran")')).toMatchObject({ error: undefined, log: ['ran'] })
  } finally {
    await bench.stop()
  }
})

test('a browser that does not start is the probe’s fault', async () => {
  const path = await aBrowser(
    await tempFolder(),
    'chromium',
    '[ "$1" = --version ] && echo "Broken 1" || { echo "no libnss3.so" >&2; exit 127; }',
  )
  const bench = await createJourneyBench({ chromium: { path, version: 'Broken 1' } })
  try {
    expect((await bench.tryOut('log("ran")')).error).toMatchObject({
      type: 'probe.browser_crashed',
      message: expect.stringContaining('no libnss3.so'),
    })
  } finally {
    await bench.stop()
  }
})

test('stopping while the browsers start leaves nothing', async () => {
  const bench = await createJourneyBench({ count: 2 })
  await bench.stop()
})
