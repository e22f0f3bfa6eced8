import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { journeySource } from '../../../support/journey-bench.ts'
import { descendantsOf, listProcesses } from '../../../support/processes.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

const SUPERVISOR = fileURLToPath(new URL('../../../support/journey-supervisor.ts', import.meta.url))

test.each([
  {
    why: 'while a journey waits',
    script: 'shop/wait.journey.ts',
    source: journeySource(`log('runs'); await page.waitForTimeout(60_000)`),
    browsers: 2,
  },
  {
    why: 'while a journey keeps its host busy',
    script: 'shop/wait.journey.ts',
    source: journeySource(`log('runs'); for (;;);`),
    browsers: 2,
  },
  {
    // Besides the browsers of both hosts, which stay warm, it has one of its own.
    why: 'while a test file waits',
    script: 'shop/wait.spec.ts',
    source: `import { test } from '@playwright/test'
      test('waits', async ({ page }) => { console.log('runs'); await page.waitForTimeout(60_000) })`,
    browsers: 3,
  },
])(
  'kill -9 of the probe $why leaves no host, no browser and no file',
  async ({ script, source, browsers }) => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'shop'))
    await writeFile(join(folder, script), source)
    const probe = spawn(process.execPath, [SUPERVISOR, folder, script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = probe.pid ?? Number.NaN
    await once(probe.stdout, 'data')
    const pids = await until('all browsers are there', () => {
      const below = descendantsOf(pid)
      const zygotes = below.filter(({ command }) => command.includes('--type=gpu-process'))
      return zygotes.length === browsers && below.map((entry) => entry.pid)
    })

    probe.kill('SIGKILL')
    await once(probe, 'exit')

    await until(
      'all processes below it are gone',
      () => !listProcesses().some((entry) => pids.includes(entry.pid)),
      { withinMs: 3_000 },
    )
    expect(pids.length).toBeGreaterThanOrEqual(6)
    await until('their folders are gone', () => hostFolders(pid).length === 0)
  },
)

const hostFolders = (supervisor: number) =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`firewatch-host-${supervisor}-`))
