import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { aCheck } from '../../support/builders.ts'
import { aRegion, realQuality } from '../../support/execute.ts'
import { httpTarget } from '../../support/http-target.ts'

const HOG = fileURLToPath(new URL('../../support/processor-hog.mjs', import.meta.url))
const HOG_MS = 8_000
const RUNS = 200
const AT_ONCE = 10

/** Keeps every processor busy twice over, until the test ends. */
async function hogProcessors(): Promise<void> {
  const hogs: ChildProcess[] = Array.from({ length: availableParallelism() * 2 }, () =>
    spawn(process.execPath, [HOG, String(HOG_MS)], { stdio: 'ignore' }),
  )
  onTestFinished(async () => {
    for (const hog of hogs) {
      if (hog.exitCode !== null || hog.signalCode !== null) continue
      hog.kill('SIGKILL')
      await once(hog, 'exit')
    }
  })
  await Promise.all(hogs.map((hog) => once(hog, 'spawn')))
}

test('with all processors busy, no run of a perfect target fails', {
  timeout: 30_000,
}, async (context) => {
  const target = await httpTarget((_, response) => response.end('ok'))
  const region = aRegion({ quality: realQuality() })
  const check = aCheck('http', {
    url: target.url,
    timeoutMs: 1_000,
    expectations: [
      { level: 'must', subject: 'status', matcher: { equals: 200 } },
      // Tighter than a busy machine answers: it may count only where the time was measured well.
      { level: 'must', subject: 'total', matcher: { max: 250 } },
    ],
  })
  await hogProcessors()
  const counts: Record<string, number> = {}
  for (let done = 0; done < RUNS; done += AT_ONCE) {
    const runs = await Promise.all(Array.from({ length: AT_ONCE }, () => region.execute(check)))
    for (const { run } of runs) {
      if (run.verdict === 'probe_fault') expect(run.error?.type).toBe('probe.overload')
      const isFlagged = run.verdict === 'passed' && run.quality?.flagged !== undefined
      const outcome = isFlagged ? 'passed, flagged' : run.verdict
      counts[outcome] = (counts[outcome] ?? 0) + 1
    }
  }
  await context.annotate(`of ${RUNS} runs: ${JSON.stringify(counts)}`)
  process.stdout.write(`busy machine, of ${RUNS} runs: ${JSON.stringify(counts)}\n`)
  expect(counts.failed).toBeUndefined()
  expect(counts.degraded).toBeUndefined()
})
