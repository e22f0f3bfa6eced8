import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readSegment } from '../../../../src/probe/spool/read-segment.ts'
import type { Run } from '../../../../src/protocol/run.ts'
import { aRun } from '../../../support/builders.ts'
import { begunOf, openSpool, unsentIds } from '../../../support/spool.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

/** A journal with a few runs, and where each of them lies in it. */
async function aJournal(folder: string, runCount: number) {
  const spool = await openSpool(folder)
  const runs: Run[] = []
  for (let i = 0; i < runCount; i++) {
    const run = aRun({ log: [`run ${i}`, 'two\nlines'] })
    await spool.begin(begunOf(run))
    await spool.record(run)
    runs.push(run)
  }
  await spool.close()
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.journal'))
  const file = join(folder, name)
  const places = new Map<string, { start: number; end: number }>()
  for await (const { record, place } of readSegment(file))
    if (record?.type === 'run')
      places.set(record.run.runId, { start: place.offset - 1, end: place.offset + place.length })
  return { name, runs, places, bytes: await readFile(file) }
}

const journal = {} as Awaited<ReturnType<typeof aJournal>>
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'firewatch-test-'))
  Object.assign(journal, await aJournal(folder, 4))
  await rm(folder, { recursive: true })
})

/** What is read of a segment with this content: the runs, and how many lines are damaged. */
async function recovered(file: string): Promise<{ runIds: string[]; damaged: number }> {
  const runIds: string[] = []
  let damaged = 0
  for await (const { record } of readSegment(file)) {
    if (record?.type === 'run') runIds.push(record.run.runId)
    if (!record) damaged++
  }
  return { runIds, damaged }
}

test('cut off at any length, a journal gives every run that lies before the cut', async () => {
  const file = join(await tempFolder(), journal.name)
  await writeFile(file, journal.bytes)
  for (let length = journal.bytes.length; length >= 0; length--) {
    await truncate(file, length)
    const whole = journal.runs
      .map(({ runId }) => runId)
      .filter((runId) => (journal.places.get(runId)?.end ?? Infinity) <= length)
    const { runIds, damaged } = await recovered(file)
    expect(runIds, `cut at ${length}`).toEqual(whole)
    expect(damaged, `cut at ${length}`).toBeLessThanOrEqual(1)
  }
}, 60_000)

test('with any one byte changed, a journal gives every run that the byte is not in', async () => {
  const file = join(await tempFolder(), journal.name)
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: journal.bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (index, difference) => {
        const damaged = Buffer.from(journal.bytes)
        damaged[index] = (damaged[index] ?? 0) ^ difference
        await writeFile(file, damaged)
        const untouched = journal.runs
          .map(({ runId }) => runId)
          .filter((runId) => {
            const { start, end } = journal.places.get(runId) ?? { start: 0, end: 0 }
            return index < start || index > end
          })
        expect((await recovered(file)).runIds).toEqual(expect.arrayContaining(untouched))
      },
    ),
    { numRuns: 800 },
  )
}, 60_000)

test('any bytes at all in place of a journal: the spool opens, counts them and works', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
      const folder = await tempFolder()
      await writeFile(join(folder, journal.name), bytes)
      const spool = await openSpool(folder)
      const run = aRun()
      expect(await spool.record(run)).toBe('disk')
      expect(await unsentIds(spool)).toEqual([run.runId])
      const isBlank = bytes.every((byte) => byte === 0x0a)
      expect(spool.counts.damagedRecords > 0).toBe(!isBlank)
      await spool.close()
    }),
    { numRuns: 60 },
  )
})

test('a spool with damage in it counts it, keeps the rest, and accounts for the run that was hit', async () => {
  const folder = await tempFolder()
  const damaged = Buffer.from(journal.bytes)
  const [hit, ...others] = journal.runs
  const place = journal.places.get(hit?.runId ?? '')
  damaged[(place?.start ?? 0) + 200] = 0
  await writeFile(join(folder, journal.name), damaged)

  const spool = await openSpool(folder)
  expect(spool.counts).toMatchObject({ damagedRecords: 1, runs: others.length })
  expect(await unsentIds(spool)).toEqual(others.map(({ runId }) => runId))
  // It began, and nothing says how it ended: its slot ends as a fault of the probe.
  expect(spool.interrupted).toEqual([hit && begunOf(hit)])
  await spool.close()
})

test('a run that is damaged after the start is counted when it is read back, and holds up no other', async () => {
  const folder = await tempFolder()
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, journal.name), journal.bytes)
  const spool = await openSpool(folder)
  const [hit, ...others] = journal.runs
  const damaged = Buffer.from(journal.bytes)
  damaged[(journal.places.get(hit?.runId ?? '')?.start ?? 0) + 200] = 0
  await writeFile(join(folder, journal.name), damaged)

  expect(await unsentIds(spool)).toEqual(others.map(({ runId }) => runId))
  expect(spool.counts).toMatchObject({ damagedRecords: 1, runs: others.length })
  await spool.close()
})

test('a folder restored from a copy that was made while the probe ran opens', async () => {
  const [folder, copy] = [await tempFolder(), join(await tempFolder(), 'copy')]
  const spool = await openSpool(folder)
  const runs = Array.from({ length: 20 }, () => aRun())
  const recorded = Promise.all(runs.map((run) => spool.record(run)))
  await cp(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') })
  await recorded
  const restored = await openSpool(copy)
  const known = new Set(runs.map(({ runId }) => runId))
  expect((await unsentIds(restored)).every((runId) => known.has(runId))).toBe(true)
  await restored.close()
  await spool.close()
})
