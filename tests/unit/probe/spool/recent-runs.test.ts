import { expect, test } from 'vitest'
import { RecentRuns } from '../../../../src/probe/spool/recent-runs.ts'

test('keeps the latest runs, and forgets the oldest when they take more than a few megabytes', () => {
  const recent = new RecentRuns()
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let i = 0; i < 6; i++) recent.add(`run-${i}`, megabyte)
  const kept = Array.from({ length: 6 }, (_, i) => recent.find(`run-${i}`) !== undefined)
  expect(kept).toEqual([false, false, true, true, true, true])
})

test('a run that was sent is forgotten, and makes room', () => {
  const recent = new RecentRuns()
  recent.add('a', '{}')
  recent.add('a', '{"again":1}')
  expect(recent.find('a')).toBe('{"again":1}')
  recent.remove('a')
  recent.remove('never there')
  expect(recent.find('a')).toBeUndefined()
})
