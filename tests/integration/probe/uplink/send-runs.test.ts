import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProbeMetrics } from '../../../../src/probe/probe-metrics.ts'
import { createCoordinatorClient } from '../../../../src/probe/uplink/coordinator-client.ts'
import { startSendingRuns } from '../../../../src/probe/uplink/send-runs.ts'
import { startUploadingArtifacts } from '../../../../src/probe/uplink/upload-artifacts.ts'
import { BATCH_BYTES_MAX, BATCH_RUNS_MAX } from '../../../../src/protocol/probe-api.ts'
import type { Run } from '../../../../src/protocol/run.ts'
import { createLifecycle } from '../../../../src/runtime/lifecycle.ts'
import { createLogger } from '../../../../src/runtime/logger.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { aRun } from '../../../support/builders.ts'
import {
  type CoordinatorTarget,
  PROBE_TOKEN,
  startCoordinatorTarget,
} from '../../../support/coordinator-target.ts'
import { openSpool, unsentIds } from '../../../support/spool.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

const logger = createLogger('uplink', process.env.TEST_LOG_LEVEL ?? 'silent')

let nextSlot = 1_000
/** Each in a slot of its own; otherwise they would be duplicates of each other. */
const someRuns = (count: number, overrides: Partial<Run> = {}) =>
  Array.from({ length: count }, () => aRun({ slotAt: nextSlot++, ...overrides }))

/** The part of a probe that sends. It is stopped when the test ends, or before. */
async function startSender(
  target: CoordinatorTarget,
  options: { folder?: string; token?: string; requestMsMax?: number } = {},
) {
  const lifecycle = createLifecycle(logger)
  const wakers: (() => void)[] = []
  const spool = await openSpool(options.folder ?? (await tempFolder()), {
    onWork: () => {
      for (const wake of wakers) wake()
    },
  })
  lifecycle.onStop('spool', () => spool.close())
  const client = createCoordinatorClient({
    url: target.url,
    token: () => options.token ?? PROBE_TOKEN,
    probeId: 'eu-west-1',
    regionId: 'eu-west',
    clock: systemClock,
    ...(options.requestMsMax !== undefined && { requestMsMax: options.requestMsMax }),
  })
  lifecycle.onStop('client', () => client.close())
  const metrics = createProbeMetrics({
    clock: systemClock,
    regionId: 'eu-west',
    spool: () => spool.counts,
    capacity: () => ({ limit: 50, isUnderProvisioned: false }),
  })
  // No luck: the shortest waits that backing off allows.
  const parts = { lifecycle, logger, metrics, random: () => 0, spool, client }
  const start = () => {
    const [runs, artifacts] = [startSendingRuns(parts), startUploadingArtifacts(parts)]
    wakers.push(runs.wake, artifacts.wake)
  }
  const stop = () => lifecycle.stop()
  onTestFinished(stop)
  return { spool, start, stop }
}

const isDelivered = (target: CoordinatorTarget, runs: readonly Run[]) =>
  runs.every(({ runId }) => target.runs.has(runId))

const allDelivered = (target: CoordinatorTarget, runs: readonly Run[], withinMs = 15_000) =>
  until('all runs are delivered', () => isDelivered(target, runs), { withinMs })

describe('a coordinator that answers', () => {
  test('gets a run as soon as it is recorded, whole, and the spool forgets it', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    start()
    const [run] = someRuns(1, { log: ['a line\nand another'] })
    if (!run) throw new Error('a run')
    await spool.record(run)
    await allDelivered(target, [run])
    expect(target.runs.get(run.runId)).toEqual(run)
    await until('the spool is empty', () => spool.counts.runs === 0)
  })

  test('gets the newest of a backlog first, and then all of it, from its beginning on', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    const runs = someRuns(BATCH_RUNS_MAX * 3 + 20)
    await Promise.all(runs.map((run) => spool.record(run)))
    const ids = await unsentIds(spool)
    start()
    await allDelivered(target, runs)
    const stored = [...target.runs.keys()]
    expect(stored.slice(0, BATCH_RUNS_MAX)).toEqual(ids.slice(-BATCH_RUNS_MAX))
    expect(stored.slice(BATCH_RUNS_MAX, 2 * BATCH_RUNS_MAX)).toEqual(ids.slice(0, BATCH_RUNS_MAX))
    expect([...target.deliveries.values()].every((count) => count === 1)).toBe(true)
  })

  test('never gets a batch above the limits', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    const large = someRuns(24, {
      facts: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, 'x'.repeat(4_000)])),
    })
    for (const run of large) await spool.record(run)
    start()
    await allDelivered(target, large)
    const bytes = Buffer.byteLength(JSON.stringify(large[0]))
    expect(large.length * bytes).toBeGreaterThan(BATCH_BYTES_MAX)
    expect(target.requests.length).toBeGreaterThan(1)
  })

  test('that refuses one run for good: it is kept aside, the others go through', async () => {
    const target = await startCoordinatorTarget()
    const folder = await tempFolder()
    const { spool, start } = await startSender(target, { folder })
    const runs = someRuns(5)
    const poison = runs[2]
    target.refuse((run) => (run.runId === poison?.runId ? 'checkId: not one of ours' : undefined))
    for (const run of runs) await spool.record(run)
    start()
    await until('the spool is empty', () => spool.counts.runs === 0)
    expect(target.runs.size).toBe(4)
    expect(spool.counts.refusedRuns).toBe(1)
    const kept = await readFile(join(folder, 'refused-runs.jsonl'), 'utf8')
    expect(JSON.parse(kept)).toEqual({ reason: 'checkId: not one of ours', run: poison })
  })
})

describe('a coordinator that misbehaves', () => {
  test.each([
    { why: 'answers 500', how: { status: 500 } as const },
    { why: 'is not ready (503)', how: { status: 503 } as const },
    { why: 'takes our token for wrong (401)', how: { status: 401 } as const },
    {
      why: 'says that it is elsewhere (307)',
      how: { status: 307, headers: { location: '/' } } as const,
    },
    { why: 'does not know the region (404)', how: { status: 404 } as const },
    { why: 'answers something else', how: { status: 200, body: '<html>sign in</html>' } as const },
    {
      why: 'gives a receipt for nothing',
      how: { status: 200, body: '{"stored":[],"duplicate":[],"rejected":[]}' } as const,
    },
    { why: 'breaks the connection', how: 'drop' as const },
    { why: 'stores, and breaks the connection before it says so', how: 'store and drop' as const },
    { why: 'says nothing', how: 'silence' as const },
  ])('$why: nothing is given up, and each run is stored once', async ({ how }) => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target, { requestMsMax: 300 })
    target.misbehave((_, count) => (count <= 2 ? how : undefined))
    const runs = someRuns(3)
    for (const run of runs) await spool.record(run)
    start()
    await allDelivered(target, runs)
    await until('the spool is empty', () => spool.counts.runs === 0)
    expect(target.runs.size).toBe(3)
    expect(spool.counts).toMatchObject({ droppedRuns: 0, refusedRuns: 0 })
  })

  test('asks to be left alone for a while: it is, whatever is recorded meanwhile', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    target.misbehave((_, count) =>
      count === 1 ? { status: 503, headers: { 'retry-after': '1' } } : undefined,
    )
    const runs = someRuns(4)
    const [first, ...others] = runs
    if (first) await spool.record(first)
    start()
    await until('the first request came', () => target.requests.length > 0)
    for (const run of others) await spool.record(run)
    await allDelivered(target, runs)
    const [refused, again] = target.requests
    expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(990)
  })

  test('a wrong token never costs a run', async () => {
    const target = await startCoordinatorTarget()
    const folder = await tempFolder()
    const wrong = await startSender(target, { folder, token: 'a-wrong-token' })
    const runs = someRuns(3)
    for (const run of runs) await wrong.spool.record(run)
    wrong.start()
    await until('it was refused', () => target.requests.length >= 2)
    await wrong.stop()
    expect(target.runs.size).toBe(0)

    const right = await startSender(target, { folder })
    right.start()
    await allDelivered(target, runs)
  })

  test('finds batches too large: they get smaller until they fit, and grow again', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    const runs = someRuns(60)
    await Promise.all(runs.map((run) => spool.record(run)))
    target.misbehave((operation, count) =>
      operation === 'runs' && count <= 3 ? { status: 413 } : undefined,
    )
    start()
    await allDelivered(target, runs)
    expect(target.batches.map((batch) => batch.length)).toEqual([60, 30, 15])
  })

  test('finds one run unfit whatever it is with: that one is set aside, the others go through', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    const runs = someRuns(8)
    const poison = runs[5]?.runId ?? ''
    for (const run of runs) await spool.record(run)
    const others = runs.filter(({ runId }) => runId !== poison)
    target.refuse((run) => (run.runId === poison ? 400 : undefined))
    start()
    await allDelivered(target, others, 20_000)
    await until('the run is set aside', () => spool.counts.refusedRuns === 1, { withinMs: 20_000 })
    expect(target.runs.has(poison)).toBe(false)
    await until('nothing waits any more', () => spool.counts.runs === 0)
  }, 60_000)

  test('a restart of the probe in the middle of it all loses nothing and doubles nothing', async () => {
    const target = await startCoordinatorTarget()
    const folder = await tempFolder()
    const runs = someRuns(400)
    target.misbehave((_, count) => (count % 2 === 1 ? 'store and drop' : undefined))
    for (let i = 0; i < 4; i++) {
      const { spool, start, stop } = await startSender(target, { folder })
      await Promise.all(runs.slice(i * 100, (i + 1) * 100).map((run) => spool.record(run)))
      const before = target.requests.length
      start()
      await until('it has sent something', () => target.requests.length > before)
      await stop()
    }
    const { spool, start } = await startSender(target, { folder })
    start()
    await allDelivered(target, runs)
    await until('the spool is empty', () => spool.counts.runs === 0)
    expect(target.runs.size).toBe(400)
  })

  test('is away for a while: what was recorded meanwhile arrives when it is back', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    start()
    await target.goAway()
    const runs = someRuns(10)
    for (const run of runs) await spool.record(run)
    await target.comeBack()
    await allDelivered(target, runs)
  })
})

describe('artifacts', () => {
  async function aPicture() {
    const path = join(await tempFolder(), 'picture.png')
    await writeFile(path, Buffer.from('picture'))
    return { name: 'screenshot.png', mediaType: 'image/png', bytes: 7, path }
  }

  test('follow their run, with their media type', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    start()
    const [run] = someRuns(1)
    if (!run) throw new Error('a run')
    await spool.record(run, [await aPicture()])
    const arrived = await until('the picture has arrived', () =>
      target.artifacts.get(`${run.runId}/screenshot.png`),
    )
    expect(arrived).toEqual({ mediaType: 'image/png', content: Buffer.from('picture') })
    await until('the spool has forgotten it', () => spool.nextArtifact() === undefined)
    expect(target.runs.get(run.runId)?.artifacts).toEqual([
      { name: 'screenshot.png', mediaType: 'image/png', bytes: 7 },
    ])
  })

  test.each([
    { why: 'the run is not known', status: 404 },
    { why: 'the run announced no such file', status: 409 },
  ])('that never will be taken are given up and counted: $why', async ({ status }) => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    target.misbehave((operation) => (operation === 'artifacts' ? { status } : undefined))
    start()
    for (const run of someRuns(1)) await spool.record(run, [await aPicture()])
    await until('it was given up', () => spool.counts.droppedArtifacts === 1)
    expect(spool.counts.runs).toBe(0)
  })

  test('are tried again while the coordinator is in trouble, and hold up no run', async () => {
    const target = await startCoordinatorTarget()
    const { spool, start } = await startSender(target)
    target.misbehave((operation, count) =>
      operation === 'artifacts' && count <= 2 ? { status: 503 } : undefined,
    )
    start()
    const [first, second] = someRuns(2)
    if (!first || !second) throw new Error('two runs')
    await spool.record(first, [await aPicture()])
    await until('its upload was refused', () =>
      target.requests.some(({ operation }) => operation === 'artifacts'),
    )
    await spool.record(second)
    await allDelivered(target, [second], 1_000)
    await until('the picture has arrived', () => target.artifacts.size === 1)
    expect(spool.counts.droppedArtifacts).toBe(0)
  })

  test('of an earlier process are uploaded by the next one', async () => {
    const target = await startCoordinatorTarget()
    const folder = await tempFolder()
    const earlier = await startSender(target, { folder })
    target.misbehave((operation) => (operation === 'artifacts' ? { status: 503 } : undefined))
    earlier.start()
    const runs = someRuns(1)
    for (const run of runs) await earlier.spool.record(run, [await aPicture()])
    await allDelivered(target, runs)
    await earlier.stop()

    target.behave()
    const later = await startSender(target, { folder })
    later.start()
    await until('the picture has arrived', () => target.artifacts.size === 1)
  })
})
