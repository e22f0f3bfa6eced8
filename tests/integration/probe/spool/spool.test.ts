import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ArtifactFile } from '../../../../src/probe/checks/check-runner.ts'
import type { Spool } from '../../../../src/probe/spool/spool.ts'
import { ARTIFACT_BYTES_MAX } from '../../../../src/protocol/probe-api.ts'
import { aRun, at } from '../../../support/builders.ts'
import { begunOf, openSpool, unsentIds, unsentRuns } from '../../../support/spool.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const noon = at('2026-03-13T12:00:00Z')

const journals = async (folder: string) =>
  (await readdir(folder)).filter((file) => file.endsWith('.journal'))

async function aPicture(bytes = 4, name = 'screenshot.png'): Promise<ArtifactFile> {
  const path = join(await tempFolder(), name)
  await writeFile(path, Buffer.alloc(bytes, 1))
  return { name, mediaType: 'image/png', bytes, path }
}

async function reopened(spool: Spool, folder: string): Promise<Spool> {
  await spool.close()
  return openSpool(folder)
}

describe('runs', () => {
  test('are there after a restart, whole and in their order', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder)
    const runs = [aRun({ log: ['line one\nline two', '灯'] }), aRun(), aRun()]
    for (const run of runs) expect(await spool.record(run)).toBe('disk')
    const later = await reopened(spool, folder)
    expect(await unsentRuns(later)).toEqual(runs)
    expect(later.counts).toMatchObject({ runs: 3, damagedRecords: 0, droppedRuns: 0 })
    await later.close()
  })

  test('that many record at once are all there', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder, { segmentBytesMax: 20_000 })
    const runs = Array.from({ length: 300 }, () => aRun())
    await Promise.all(runs.map((run) => spool.record(run)))
    const later = await reopened(spool, folder)
    expect(new Set(await unsentIds(later))).toEqual(new Set(runs.map(({ runId }) => runId)))
    await later.close()
  })

  test('are gone once they are acknowledged, also after a restart', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder)
    const runs = [aRun(), aRun(), aRun()]
    for (const run of runs) await spool.record(run)
    await spool.acknowledge([runs[0]?.runId ?? '', runs[1]?.runId ?? ''])
    const later = await reopened(spool, folder)
    expect(await unsentIds(later)).toEqual([runs[2]?.runId])
    await later.close()
  })

  test('that are acknowledged leave no files behind: the journal does not grow', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder, { segmentBytesMax: 3_000 })
    for (let i = 0; i < 60; i++) {
      const run = aRun()
      await spool.begin(begunOf(run))
      await spool.record(run)
      await spool.acknowledge([run.runId])
    }
    expect((await journals(folder)).length).toBeLessThanOrEqual(2)
    expect(spool.counts).toMatchObject({ runs: 0 })
    expect(spool.counts.bytes).toBeLessThan(6_000)
    await spool.close()
  })

  test('come in batches that keep to the limits, from either end, and never empty', async () => {
    const spool = await openSpool(await tempFolder())
    const runs = Array.from({ length: 6 }, () => aRun({ log: ['x'.repeat(900)] }))
    for (const run of runs) await spool.record(run)
    const ids = runs.map(({ runId }) => runId)
    const batch = async (...limits: Parameters<Spool['unsent']>) =>
      (await spool.unsent(...limits)).map(({ runId }) => runId)
    expect(await batch('oldest', { runsMax: 2, bytesMax: 1e6 })).toEqual(ids.slice(0, 2))
    expect(await batch('newest', { runsMax: 2, bytesMax: 1e6 })).toEqual(ids.slice(-2))
    expect(await batch('oldest', { runsMax: 6, bytesMax: 4_500 })).toEqual(ids.slice(0, 3))
    expect(await batch('newest', { runsMax: 6, bytesMax: 4_500 })).toEqual(ids.slice(-3))
    expect(await batch('newest', { runsMax: 6, bytesMax: 1 })).toEqual(ids.slice(-1))
    await spool.close()
  })

  test('that are too large for a batch lose their details, never their verdict', async () => {
    const spool = await openSpool(await tempFolder())
    const big = aRun({
      verdict: 'failed',
      error: { type: 'assertion', message: 'status: expected 200, got 502' },
      log: ['kept'],
      facts: Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [`f${i}`, Array(100).fill('x'.repeat(400))]),
      ),
    })
    await spool.record(big)
    expect(await unsentRuns(spool)).toEqual([{ ...big, log: [], facts: {} }])
    await spool.close()
  })
})

describe('a run that began', () => {
  test('and was not recorded is found at the next start, until it is recorded', async () => {
    const folder = await tempFolder()
    const first = await openSpool(folder)
    const [ended, interrupted] = [aRun(), aRun({ checkId: 'cart' })]
    for (const run of [ended, interrupted]) await first.begin(begunOf(run))
    await first.record(ended)

    const second = await reopened(first, folder)
    expect(second.interrupted).toEqual([begunOf(interrupted)])
    await second.record({ ...interrupted, verdict: 'probe_fault' })

    const third = await reopened(second, folder)
    expect(third.interrupted).toEqual([])
    expect(await unsentIds(third)).toEqual([ended.runId, interrupted.runId])
    await third.close()
  })

  test('is found although everything recorded after it was acknowledged', async () => {
    const folder = await tempFolder()
    const first = await openSpool(folder, { segmentBytesMax: 3_000 })
    const interrupted = aRun()
    await first.begin(begunOf(interrupted))
    for (let i = 0; i < 30; i++) {
      const run = aRun()
      await first.record(run)
      await first.acknowledge([run.runId])
    }
    const second = await reopened(first, folder)
    expect(second.interrupted).toEqual([begunOf(interrupted)])
    await second.close()
  })
})

test('the latest slot of each check outlives the segments that it was in', async () => {
  const folder = await tempFolder()
  const spool = await openSpool(folder, { segmentBytesMax: 3_000 })
  for (let i = 0; i < 30; i++) {
    const run = aRun({ slotAt: noon + i * 10_000 })
    await spool.begin(begunOf(run))
    await spool.record(run)
    await spool.acknowledge([run.runId])
  }
  const cart = aRun({ checkId: 'cart', slotAt: noon })
  await spool.begin(begunOf(cart))
  const later = await reopened(spool, folder)
  expect(Object.fromEntries(later.lastSlots)).toEqual({
    'shop-home': noon + 290_000,
    cart: noon,
  })
  await later.close()
})

describe('artifacts', () => {
  test('are taken with their run, and wait for it to be acknowledged', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder)
    const picture = await aPicture()
    const run = aRun()
    await spool.record(run, [picture])
    expect(existsSync(picture.path)).toBe(false)
    expect(spool.nextArtifact()).toBeUndefined()

    await spool.acknowledge([run.runId])
    const waiting = spool.nextArtifact()
    expect(waiting).toMatchObject({
      runId: run.runId,
      name: 'screenshot.png',
      mediaType: 'image/png',
      bytes: 4,
    })
    expect(await readFile(waiting?.path ?? '')).toEqual(Buffer.alloc(4, 1))
    await spool.close()
  })

  test('that were not uploaded are still known after a restart', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder)
    const run = aRun()
    await spool.record(run, [await aPicture(4, 'a.png'), await aPicture(4, 'b.png')])
    await spool.acknowledge([run.runId])
    const uploaded = spool.nextArtifact()
    if (uploaded) await spool.finishArtifact(uploaded, 'uploaded')

    const later = await reopened(spool, folder)
    const left = later.nextArtifact()
    expect(left).toMatchObject({ name: uploaded?.name === 'a.png' ? 'b.png' : 'a.png' })
    if (left) await later.finishArtifact(left, 'uploaded')
    expect(later.nextArtifact()).toBeUndefined()
    expect(await readdir(join(folder, 'artifacts'))).toEqual([])
    await later.close()
  })

  test('are announced with their true size, and left out when they are too large or missing', async () => {
    const spool = await openSpool(await tempFolder())
    const small = { ...(await aPicture(7, 'small.png')), bytes: 99_999 }
    const large = await aPicture(ARTIFACT_BYTES_MAX + 1, 'large.png')
    const missing = { name: 'no.png', mediaType: 'image/png', bytes: 1, path: '/nowhere/no.png' }
    await spool.record(aRun(), [small, large, missing])
    const [run] = await unsentRuns(spool)
    expect(run?.artifacts).toEqual([{ name: 'small.png', mediaType: 'image/png', bytes: 7 }])
    expect(spool.counts).toMatchObject({ droppedArtifacts: 2 })
    await spool.close()
  })

  test('that belong to no run are swept at the start', async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'artifacts'), { recursive: true })
    await writeFile(join(folder, 'artifacts', `${aRun().runId}.screenshot.png`), 'orphan')
    const spool = await openSpool(folder)
    expect(await readdir(join(folder, 'artifacts'))).toEqual([])
    await spool.close()
  })
})

describe('files that come after their run', () => {
  const announcing = () => aRun({ laterArtifacts: ['trace.zip', 'video.webm'] })
  const aTrace = async () => ({ ...(await aPicture(9, 'trace.zip')), mediaType: 'application/zip' })

  test('wait for the run to be taken, and are uploaded after it', async () => {
    const spool = await openSpool(await tempFolder())
    const run = announcing()
    await spool.record(run, [await aPicture()])
    await spool.attach(run.runId, [await aTrace()])
    expect(spool.nextArtifact()).toBeUndefined()

    await spool.acknowledge([run.runId])
    const names: string[] = []
    for (let file = spool.nextArtifact(); file; file = spool.nextArtifact()) {
      names.push(file.name)
      await spool.finishArtifact(file, 'uploaded')
    }
    expect(names).toEqual(['screenshot.png', 'trace.zip'])
    expect(spool.counts.droppedArtifacts).toBe(0)
    await spool.close()
  })

  test('find their run also when it was taken before they were ready', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder, { segmentBytesMax: 1_000 })
    const run = announcing()
    await spool.record(run)
    await spool.acknowledge([run.runId])
    for (const other of [aRun(), aRun(), aRun()]) {
      await spool.record(other)
      await spool.acknowledge([other.runId])
    }
    await spool.attach(run.runId, [await aTrace()])

    const later = await reopened(spool, folder)
    const file = later.nextArtifact()
    expect(file).toMatchObject({
      runId: run.runId,
      name: 'trace.zip',
      mediaType: 'application/zip',
    })
    if (file) await later.finishArtifact(file, 'uploaded')
    await later.close()
    expect(await readdir(join(folder, 'artifacts'))).toEqual([])
  })

  test('that never come hold nothing: not after they were given up, and not after a restart', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder, { segmentBytesMax: 1_000 })
    const [givenUp, forgotten] = [announcing(), announcing()]
    for (const run of [givenUp, forgotten]) await spool.record(run)
    await spool.acknowledge([givenUp.runId, forgotten.runId])
    await spool.attach(givenUp.runId, [])

    const later = await reopened(spool, folder)
    for (const run of [aRun(), aRun(), aRun()]) await later.record(run)
    await later.acknowledge(await unsentIds(later))
    expect(later.nextArtifact()).toBeUndefined()
    expect(await journals(folder)).toHaveLength(1)
    await later.close()
  })

  test('of a run that is gone, or that nobody announced, are not kept', async () => {
    const folder = await tempFolder()
    const spool = await openSpool(folder)
    const run = announcing()
    await spool.record(run)
    const unknown = await aPicture(4, 'other.png')
    await spool.attach(run.runId, [unknown])
    await spool.attach(aRun().runId, [await aTrace()])
    expect(await readdir(join(folder, 'artifacts'))).toEqual([])
    expect(existsSync(unknown.path)).toBe(false)
    expect(spool.counts.droppedArtifacts).toBe(2)
    await spool.close()
  })
})

describe('when there is no more room', () => {
  test('artifacts go first, then the oldest runs, and each is counted', async () => {
    const spool = await openSpool(await tempFolder(), {
      bytesMax: 20_000,
      segmentBytesMax: 4_000,
    })
    await spool.record(aRun(), [await aPicture(8_000)])
    const runs = Array.from({ length: 12 }, () => aRun({ log: ['x'.repeat(900)] }))
    for (const run of runs) await spool.record(run)
    expect(spool.counts).toMatchObject({ droppedArtifacts: 1, droppedRuns: 0, runs: 13 })

    const more = Array.from({ length: 20 }, () => aRun({ log: ['x'.repeat(900)] }))
    for (const run of more) await spool.record(run)
    const { runs: kept, droppedRuns, bytes } = spool.counts
    expect(droppedRuns).toBeGreaterThan(0)
    expect(kept + droppedRuns).toBe(33)
    expect(bytes).toBeLessThanOrEqual(20_000)
    const newest = [...runs, ...more].slice(-kept).map(({ runId }) => runId)
    expect(await unsentIds(spool)).toEqual(newest)
    await spool.close()
  })

  test('a folder that was taken away costs nothing: runs wait in memory and are written later', async () => {
    const parent = await tempFolder()
    const folder = join(parent, 'spool')
    const spool = await openSpool(folder, { segmentBytesMax: 1_000 })
    const before = aRun()
    await spool.record(before)
    await rm(folder, { recursive: true })
    // A file where the folder was: nothing can be written below it.
    await writeFile(folder, '')
    const [first, second, third] = [aRun(), aRun(), aRun()]
    expect(await spool.record(first)).toBe('memory')
    expect(await spool.record(second)).toBe('memory')
    // The disk lost the one before, which can still be sent: it is in memory as well.
    expect(await unsentIds(spool)).toEqual([before.runId, first.runId, second.runId])
    expect(spool.counts.writeFailures).toBeGreaterThan(0)

    await rm(folder)
    expect(await spool.record(third)).toBe('disk')
    const later = await reopened(spool, folder)
    expect(new Set(await unsentIds(later))).toEqual(
      new Set([first.runId, second.runId, third.runId]),
    )
    await later.close()
  })

  test('runs in memory can be sent and acknowledged from there', async () => {
    const folder = join(await tempFolder(), 'spool')
    const spool = await openSpool(folder)
    await rm(folder, { recursive: true })
    await writeFile(folder, '')
    const run = aRun()
    expect(await spool.record(run)).toBe('memory')
    await spool.acknowledge([run.runId])
    expect(spool.counts.runs).toBe(0)
    await spool.close()
  })
})

test('a run that the coordinator refuses for good is kept aside, with the reason', async () => {
  const folder = await tempFolder()
  const spool = await openSpool(folder)
  const run = aRun()
  await spool.record(run)
  await spool.quarantine(run.runId, 'checkId: unknown')
  expect(spool.counts).toMatchObject({ runs: 0, refusedRuns: 1 })
  const kept = JSON.parse(await readFile(join(folder, 'refused-runs.jsonl'), 'utf8'))
  expect(kept).toEqual({ reason: 'checkId: unknown', run })
  await spool.close()
})

test('a second process is kept out of the folder, with a reason', async () => {
  const folder = await tempFolder()
  const spool = await openSpool(folder)
  await expect(openSpool(folder)).rejects.toMatchObject({
    code: 'spool.unusable',
    message: expect.stringContaining('in use by another probe'),
  })
  const later = await reopened(spool, folder)
  await later.close()
})

test('a folder that cannot be made is refused at the start', async () => {
  const file = join(await tempFolder(), 'file')
  await writeFile(file, '')
  await expect(openSpool(join(file, 'spool'))).rejects.toMatchObject({ code: 'spool.unusable' })
})
