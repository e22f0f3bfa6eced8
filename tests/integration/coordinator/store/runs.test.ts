import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tallySlots } from '../../../../src/coordinator/store/objectives.ts'
import {
  countConclusive,
  listRuns,
  newestRunAt,
  recentVotes,
  storeRuns,
} from '../../../../src/coordinator/store/runs.ts'
import {
  countSlotEnds,
  endMissedSlots,
  expectSlots,
  recentSlots,
  slotCell,
} from '../../../../src/coordinator/store/slots.ts'
import { openStore, type Store } from '../../../../src/coordinator/store/store.ts'
import { createLogger } from '../../../../src/runtime/logger.ts'
import { aRun, at } from '../../../support/builders.ts'
import { DATABASES, type Database, freshDatabase } from '../../../support/databases.ts'

const logger = createLogger('test', 'silent')
const ROUNDS = 30
const noon = at('2026-03-13T12:00:00Z')

async function freshStore(kind: Database): Promise<Store> {
  const store = await openStore(await freshDatabase(kind), logger)
  onTestFinished(() => store.close())
  return store
}

describe.each(DATABASES)('on %s', (kind) => {
  test('a run that is sent twice is stored once', async () => {
    const store = await freshStore(kind)
    const run = aRun()

    expect(await storeRuns(store, [run], noon)).toEqual(new Set([run.runId]))
    expect(await storeRuns(store, [run], noon + 1)).toEqual(new Set())
    expect(await listRuns(store, { limit: 10 })).toEqual([run])
  })

  test('a slot keeps its first run when two probes of a region ran it', async () => {
    const store = await freshStore(kind)
    const first = aRun({ verdict: 'passed' })
    const second = aRun({ verdict: 'failed', probeId: 'eu-west-2' })

    await storeRuns(store, [first], noon)
    expect(await storeRuns(store, [second], noon)).toEqual(new Set())
    const slots = await recentSlots(store, { checkIds: [first.checkId], perRegion: 5, since: 0 })
    expect(slots.get(slotCell(first.checkId, first.regionId))).toMatchObject([
      { end: 'passed', runId: first.runId },
    ])
  })

  test('a run that was commanded is a vote, and ends no slot: no bar, objective or ratio knows of it', async () => {
    const store = await freshStore(kind)
    const command = { commandId: randomUUID(), reason: 'confirmation' as const }
    const scheduled = aRun({ slotAt: noon, verdict: 'failed' })
    const commanded = aRun({ slotAt: noon + 1, verdict: 'failed', command })
    const stored = await storeRuns(store, [scheduled, commanded], noon + 500)
    expect(stored).toEqual(new Set([scheduled.runId, commanded.runId]))

    const { checkId } = scheduled
    const votes = await recentVotes(store, checkId, 0)
    expect(votes.map(({ runId, isCommanded }) => [runId, isCommanded])).toEqual([
      [commanded.runId, true],
      [scheduled.runId, false],
    ])
    expect((await countSlotEnds(store, 0)).failed).toBe(1)
    expect(await countConclusive(store, [checkId], 0)).toEqual({ failed: 1, runs: 1 })
    const window = { since: 0, until: noon + 60_000, bucketMs: 86_400_000 }
    expect(await tallySlots(store, { checks: [checkId] }, window)).toMatchObject([
      { good: 0, bad: 1, unknown: 0 },
    ])
    expect((await listRuns(store, { limit: 10 })).map(({ runId }) => runId)).toContain(
      commanded.runId,
    )
  })

  test('a slot without a run is missed after its time, and a late run corrects it', async () => {
    const store = await freshStore(kind)
    const run = aRun({ slotAt: noon })
    const slot = {
      checkId: run.checkId,
      regionId: run.regionId,
      slotAt: noon,
      dueBy: noon + 20_000,
    }
    await expectSlots(store, [slot])
    await expectSlots(store, [slot])

    expect(await endMissedSlots(store, noon + 20_000)).toEqual([])
    expect(await endMissedSlots(store, noon + 20_001)).toMatchObject([
      { checkId: run.checkId, slot: { end: 'missed' } },
    ])
    expect(await endMissedSlots(store, noon + 30_000)).toEqual([])
    expect(await countSlotEnds(store, 0)).toMatchObject({ missed: 1, passed: 0 })

    await storeRuns(store, [run], noon + 3_600_000)
    expect(await countSlotEnds(store, 0)).toMatchObject({ missed: 0, passed: 1 })
  })

  test('a transaction that throws leaves nothing behind', async () => {
    const store = await freshStore(kind)
    const work = store.transaction(async (tx) => {
      await storeRuns(tx, [aRun()], noon)
      throw new Error('the power went')
    })

    await expect(work).rejects.toThrow('the power went')
    expect(await listRuns(store, { limit: 10 })).toEqual([])
  })

  test('concurrent batches with the same runs store each once', async () => {
    const store = await freshStore(kind)
    // In opposite orders, as a batch of the newest and one of the oldest runs are; often enough that
    // two of them meet in the middle.
    for (let round = 0; round < ROUNDS; round++) {
      const runs = Array.from({ length: 100 }, (_, i) =>
        aRun({ runId: randomUUID(), slotAt: noon + (round * 100 + i) * 10_000 }),
      )
      const batches = [runs, runs.toReversed(), runs, runs.toReversed()]
      const stored = await Promise.all(
        batches.map((batch) => store.transaction((tx) => storeRuns(tx, batch, noon))),
      )
      expect(stored.map((ids) => ids.size).reduce((a, b) => a + b)).toBe(100)
    }
    expect(await listRuns(store, { limit: 10_000 })).toHaveLength(ROUNDS * 100)
  })

  test('runs are listed page by page, newest first, without gap or repetition', async () => {
    const store = await freshStore(kind)
    const runs = Array.from({ length: 7 }, (_, i) =>
      aRun({ slotAt: noon + Math.floor(i / 2) * 10_000, regionId: i % 2 ? 'us-east' : 'eu-west' }),
    )
    await storeRuns(store, runs, noon)

    const seen: string[] = []
    let after: { slotAt: number; runId: string } | undefined
    for (let page = 0; page < 5; page++) {
      const found = await listRuns(store, { limit: 3, after })
      seen.push(...found.map((run) => run.runId))
      const last = found.at(-1)
      if (last) after = { slotAt: last.slotAt, runId: last.runId }
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen)).toEqual(new Set(runs.map((run) => run.runId)))
  })

  test('votes come newest first, and text that a target sent with a zero character is stored', async () => {
    const store = await freshStore(kind)
    const failed = aRun({
      slotAt: noon,
      verdict: 'failed',
      error: { type: 'assertion', message: 'got \0 bytes\nsecond line' },
    })
    const passed = aRun({ slotAt: noon + 10_000 })
    await storeRuns(store, [failed, passed], noon + 11_000)

    const votes = await recentVotes(store, failed.checkId, noon)
    expect(votes.map((vote) => vote.verdict)).toEqual(['passed', 'failed'])
    expect(await newestRunAt(store)).toBe(noon + 11_000)
    const slots = await recentSlots(store, { checkIds: [failed.checkId], perRegion: 5, since: 0 })
    expect(slots.get(slotCell(failed.checkId, 'eu-west'))?.[0]?.message).toBe('got  bytes')
  })

  test('opening a database again changes nothing in it', async () => {
    const location = await freshDatabase(kind)
    const first = await openStore(location, logger)
    const run = aRun()
    await storeRuns(first, [run], noon)
    await first.close()

    const second = await openStore(location, logger)
    onTestFinished(() => second.close())
    expect(await listRuns(second, { limit: 10 })).toEqual([run])
  })
})
