import { expect, test } from 'vitest'
import {
  countedVotes,
  VOTE_SKEW_MS_MAX,
  voteFreshForMs,
  votesInTime,
} from '../../../../src/domain/alerting/counted-votes.ts'
import { FRESH_FOR_MS, NOW, votes } from './votes.ts'

const count = (written: string, newestAt: number) =>
  countedVotes(votes(written, { newestAt }), FRESH_FOR_MS, NOW).length

test.each([
  { runs: 'F', ageMs: 0, counted: 1, why: 'a vote of this moment counts' },
  { runs: 'F', ageMs: FRESH_FOR_MS, counted: 1, why: 'the last fresh millisecond' },
  { runs: 'F', ageMs: FRESH_FOR_MS + 1, counted: 0, why: 'the first stale millisecond' },
  { runs: 'FFFFFFFF', ageMs: 0, counted: 8, why: 'a fresh vote brings the row before it' },
  { runs: 'FF....FF', ageMs: 0, counted: 2, why: 'a silence of 50 s breaks the row' },
  { runs: 'FF...FF', ageMs: 0, counted: 4, why: 'a silence of 40 s does not' },
  { runs: 'FIIIIIF', ageMs: 0, counted: 7, why: 'faults of the probe are no silence' },
  { runs: 'IIIIIF', ageMs: 0, counted: 0, why: 'faults do not keep an old vote fresh' },
  { runs: 'IIF', ageMs: 0, counted: 3, why: 'a vote below faults is still fresh' },
  {
    runs: 'I....F',
    ageMs: -VOTE_SKEW_MS_MAX,
    counted: 2,
    why: 'a fault ahead of our clock hides no fresh vote',
  },
  { runs: 'III', ageMs: 0, counted: 0, why: 'faults alone say nothing' },
  { runs: 'F', ageMs: -VOTE_SKEW_MS_MAX, counted: 1, why: "the probe's clock is a little ahead" },
  {
    runs: 'F',
    ageMs: -VOTE_SKEW_MS_MAX - 1,
    counted: 0,
    why: 'a slot that far ahead is not believed',
  },
  { runs: 'F.P', ageMs: -VOTE_SKEW_MS_MAX - 1, counted: 1, why: 'those before it are' },
])('of "$runs", $ageMs ms old, $counted count: $why', ({ runs, ageMs, counted }) => {
  expect(count(runs, NOW - ageMs)).toBe(counted)
})

test('of two runs of one slot the one that started last speaks', () => {
  const [first] = votes('F')
  const [second] = votes('P')
  if (!first || !second) throw new Error('both exist')
  const again = { ...second, runId: 'again', startedAt: first.startedAt + 5_000 }

  expect(countedVotes([first, again], FRESH_FOR_MS, NOW)).toEqual([again])
  expect(countedVotes([again, first], FRESH_FOR_MS, NOW)).toEqual([again])
})

test('of two runs of one slot that started together, the same speaks in any order', () => {
  const [failed] = votes('F')
  const [passed] = votes('P')
  if (!failed || !passed) throw new Error('both exist')
  const pair = [
    { ...failed, runId: 'a' },
    { ...passed, runId: 'b' },
  ]
  expect(countedVotes(pair, FRESH_FOR_MS, NOW)).toEqual(
    countedVotes(pair.toReversed(), FRESH_FOR_MS, NOW),
  )
})

test('a vote is fresh for two slots and the time that its run may take and travel', () => {
  expect(voteFreshForMs({ timeoutMs: 5_000 }, 10_000)).toBe(20_000 + 10_000 + 15_000)
})

test('what was asked for outside the grid is a vote, and in no window', () => {
  const [newest, ...older] = votes('FPP')
  if (!newest) throw new Error('there is a newest vote')
  const all = [{ ...newest, isCommanded: true }, ...older]
  expect(countedVotes(all, FRESH_FOR_MS, NOW)).toHaveLength(3)
  expect(votesInTime(all, FRESH_FOR_MS, NOW)).toEqual(older.toReversed())
})
