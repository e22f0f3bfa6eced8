import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { expect, test } from 'vitest'
import { findChromium } from '../../../src/probe/find-chromium.ts'
import { aRun, at } from '../../support/builders.ts'
import { runFirewatch, startFirewatch } from '../../support/command.ts'
import { startCoordinator } from '../../support/coordinator.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { descendantsOf } from '../../support/processes.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

/** The viewer opens a browser by itself; here with a program that does nothing. */
const NO_BROWSER = { BROWSER: 'true', DISPLAY: undefined }

/** A folder with `trace.zip`, as Playwright writes it, and something beside it. */
async function aTrace(): Promise<{ folder: string; file: string }> {
  const folder = await tempFolder()
  const file = join(folder, 'trace.zip')
  const found = await findChromium(process.env)
  if ('missing' in found) throw new Error(found.missing)
  const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] })
  const context = await browser.newContext()
  await context.tracing.start({ snapshots: true })
  const page = await context.newPage()
  await page.setContent('<h1>Lamps</h1>')
  await context.tracing.stop({ path: file })
  await browser.close()
  writeFileSync(join(folder, 'beside.txt'), 'nobody else’s business')
  return { folder, file }
}

async function shown(command: ReturnType<typeof startFirewatch>): Promise<string> {
  await until('the viewer’s address', () => command.stdout().includes('\n'), { withinMs: 30_000 })
  const address = /the trace is shown at (http:\/\/\S+)\n/.exec(command.stdout())?.[1]
  if (address === undefined) throw new Error(command.stdout() + command.stderr())
  return address
}

/** Looks at the viewer as a browser does; gives the page, and the trace that it asks for. */
async function look(address: string) {
  const page = await fetch(address)
  const path = new URL(page.url).searchParams.get('trace') ?? ''
  const trace = new URL(path, page.url)
  const beside = new URL(path.replace('trace.zip', 'beside.txt'), page.url)
  return {
    html: await page.text(),
    trace: Buffer.from(await (await fetch(trace)).arrayBuffer()),
    besideStatus: (await fetch(beside)).status,
  }
}

const tracesLeft = () => readdirSync(tmpdir()).filter((name) => name.startsWith('firewatch-trace-'))

test('a file is shown over HTTP, nothing beside it is, and Ctrl-C leaves nothing behind', async () => {
  const { folder, file } = await aTrace()
  const leftBefore = tracesLeft()
  const command = startFirewatch(['show-trace', 'trace.zip'], { folder, environment: NO_BROWSER })
  const address = await shown(command)
  expect(new URL(address).hostname).toMatch(/^(127\.0\.0\.1|localhost)$/)
  const { html, trace, besideStatus } = await look(address)
  expect(html).toContain('Playwright Trace Viewer')
  expect(trace.equals(readFileSync(file))).toBe(true)
  expect(besideStatus).not.toBe(200)

  const processes = descendantsOf(command.process.pid ?? 0)
  expect(processes).not.toEqual([])
  command.process.kill('SIGINT')
  expect(await command.exited).toBe(130)
  await until('no process', () => {
    const pids = new Set(descendantsOf(process.pid).map(({ pid }) => pid))
    return processes.every(({ pid }) => !pids.has(pid))
  })
  await expect(fetch(address)).rejects.toThrow()
  expect(tracesLeft()).toEqual(leftBefore)
  expect(existsSync(file)).toBe(true)
})

test('the trace of a run is fetched from its coordinator', async () => {
  const { folder, file } = await aTrace()
  const content = readFileSync(file)
  const clock = movableClock(at('2026-03-13T12:00:00Z'))
  const coordinator = await startCoordinator({ database: 'sqlite', clock })
  const artifact = { name: 'trace.zip', mediaType: 'application/zip', bytes: content.length }
  const run = aRun({ artifacts: [artifact], slotAt: clock.now() - 5_000 })
  await coordinator.ingest([run])
  const words = ['show-trace', run.runId, '--coordinator', coordinator.address]

  const early = await runFirewatch(words, { folder, environment: NO_BROWSER })
  expect(early.code).toBe(2)
  expect(early.stderr).toContain(`has no trace of run ${run.runId}: none was made, it has not arr`)

  const path = `/runs/${run.runId}/artifacts/trace.zip`
  const headers = { 'content-type': artifact.mediaType }
  const put = await coordinator.probeRequest(path, { method: 'PUT', body: content, headers })
  expect(put.status).toBe(204)
  const leftBefore = tracesLeft()
  const command = startFirewatch(words, { folder, environment: NO_BROWSER })
  const { trace } = await look(await shown(command))
  expect(trace.equals(content)).toBe(true)
  command.process.kill('SIGTERM')
  expect(await command.exited).toBe(143)
  expect(tracesLeft()).toEqual(leftBefore)
})

const RUN = '0190d0f6-0000-7000-8000-000000000000'

test.each([
  { why: 'no such file', words: ['no.zip'], code: 2, says: 'there is no file no.zip' },
  { why: 'no trace', words: ['text.zip'], code: 2, says: 'text.zip is no trace' },
  {
    why: 'no address',
    words: [RUN, '--coordinator', 'here'],
    code: 2,
    says: '--coordinator: here is no address',
  },
  {
    why: 'no coordinator',
    words: [RUN, '--coordinator', 'http://127.0.0.1:1'],
    code: 3,
    says: 'cannot be fetched from http://127.0.0.1:1',
  },
])('$why: $code, and nothing is left', async ({ words, code, says }) => {
  const folder = await tempFolder()
  writeFileSync(join(folder, 'text.zip'), 'no zip at all')
  const leftBefore = tracesLeft()
  const result = await runFirewatch(['show-trace', ...words], { folder })
  expect(result.stderr).toContain(says)
  expect(result.code).toBe(code)
  expect(tracesLeft()).toEqual(leftBefore)
})
