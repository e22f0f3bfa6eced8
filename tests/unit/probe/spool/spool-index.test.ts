import { expect, test } from 'vitest'
import { SpoolIndex } from '../../../../src/probe/spool/spool-index.ts'

const place = (segment: number) => ({ segment, offset: 1, length: 98 })
const run = (runId: string, artifacts: { name: string; mediaType: string; bytes: number }[] = []) =>
  ({ type: 'run', run: { runId, checkId: 'shop-home', slotAt: 10, artifacts } }) as const
const begun = (runId: string, slotAt = 10) =>
  ({
    type: 'begun',
    begun: { runId, checkId: 'shop-home', slotAt, startedAt: slotAt, definitionHash: '0' },
  }) as const

test('a segment can be deleted when all its runs are acknowledged and another is being written', () => {
  const index = new SpoolIndex()
  index.apply(run('a'), place(1))
  index.apply(run('b'), place(1))
  index.acknowledge('a')
  expect(index.deletable(2)).toEqual([])
  index.acknowledge('b')
  expect(index.deletable(1)).toEqual([])
  expect(index.deletable(2)).toEqual([1])
})

test('a segment stays as long as a run that began in it has not ended', () => {
  const index = new SpoolIndex()
  index.apply(begun('a'), place(1))
  expect(index.deletable(2)).toEqual([])
  index.apply(run('a'), place(2))
  expect(index.deletable(2)).toEqual([1])
})

test('no segment goes before an older one, so that the end of a run never goes before its begin', () => {
  const index = new SpoolIndex()
  index.apply(run('old'), place(1))
  index.apply(run('new'), place(2))
  index.acknowledge('new')
  expect(index.deletable(3)).toEqual([])
  index.acknowledge('old')
  expect(index.deletable(3)).toEqual([1, 2])
})

test('an acknowledged run with artifacts holds its segment until they are uploaded', () => {
  const index = new SpoolIndex()
  index.apply(run('a', [{ name: 'screenshot.png', mediaType: 'image/png', bytes: 4 }]), place(1))
  index.acknowledge('a')
  expect(index.unsentCount).toBe(0)
  expect(index.deletable(2)).toEqual([])
  index.finishUpload('a')
  expect(index.deletable(2)).toEqual([1])
})

test('a run that was written twice is one run, held by its second place', () => {
  const index = new SpoolIndex()
  index.apply(run('a'), place(1))
  index.apply(run('a'), place(2))
  expect(index.unsent('oldest', 10)).toEqual([{ runId: 'a', place: place(2) }])
  expect(index.deletable(2)).toEqual([1])
})

test('a run that began and was not recorded is known as such', () => {
  const index = new SpoolIndex()
  index.apply(begun('a'), place(1))
  index.apply(begun('b'), place(1))
  index.apply(run('a'), place(1))
  expect(index.begun.map(({ runId }) => runId)).toEqual(['b'])
})

test('the latest slot of a check is kept, whatever order the records come in', () => {
  const index = new SpoolIndex()
  index.apply(begun('a', 30), place(1))
  index.apply(begun('b', 20), place(1))
  index.apply({ type: 'slots', slots: { 'shop-home': 10, cart: 5 } }, place(2))
  expect(Object.fromEntries(index.lastSlots)).toEqual({ 'shop-home': 30, cart: 5 })
})

test('the oldest and the newest are given in the order in which they were recorded', () => {
  const index = new SpoolIndex()
  for (const id of ['a', 'b', 'c', 'd']) index.apply(run(id), place(1))
  const ids = (from: 'oldest' | 'newest') => index.unsent(from, 2).map(({ runId }) => runId)
  expect(ids('oldest')).toEqual(['a', 'b'])
  expect(ids('newest')).toEqual(['c', 'd'])
})

test('dropping a segment says which runs went with it', () => {
  const index = new SpoolIndex()
  index.apply(run('a'), place(1))
  index.apply(run('b'), place(2))
  expect(index.bytes).toBe(200)
  expect(index.removeSegment(1)).toEqual({ unsent: ['a'], uploading: [] })
  expect(index.bytes).toBe(100)
  expect(index.unsent('oldest', 10).map(({ runId }) => runId)).toEqual(['b'])
})

test('a run that was commanded is none of a slot, so the next process still runs what is due', () => {
  const index = new SpoolIndex()
  const command = {
    commandId: '0f8fad5b-d9cb-469f-a165-70867728950e',
    reason: 'confirmation' as const,
  }
  const late = begun('b', 25)
  index.apply(begun('a', 10), place(1))
  index.apply({ ...late, begun: { ...late.begun, command } }, place(1))
  index.apply(
    { type: 'run', run: { runId: 'b', checkId: 'shop-home', slotAt: 25, command, artifacts: [] } },
    place(1),
  )
  expect(index.lastSlots.get('shop-home')).toBe(10)
  expect(index.isUnsent('b')).toBe(true)
})
