import { expect, test } from 'vitest'
import {
  type ComparedRun,
  compareRuns,
} from '../../../../../src/domain/incident/mitigation/compare-runs.ts'
import { dueMeasurements } from '../../../../../src/domain/incident/mitigation/measure-mitigations.ts'
import { toolboxOf } from '../../../../../src/domain/incident/mitigation/toolbox.ts'
import type { Mitigation, MitigationEffect } from '../../../../../src/protocol/mitigation.ts'
import { at } from '../../../../support/builders.ts'

const done = at('2026-03-13T15:00:00Z')
const SECOND = 1_000
const MINUTE = 60_000

/** A run every ten seconds from five minutes before to so long after; `fails` by seconds since. */
function runs(fails: (seconds: number) => boolean, overMs = 5 * MINUTE) {
  const all: ComparedRun[] = []
  for (let offset = -5 * MINUTE; offset < overMs; offset += 10 * SECOND)
    all.push({
      startedAt: done + offset,
      isFailed: fails(offset / SECOND),
      durationMs: 400,
    })
  return all
}
const untilOf = (overMs: number) => done + overMs

test.each([
  {
    what: 'it ended the failing',
    all: runs((seconds) => seconds <= 110),
    verdict: 'worked',
    words: 'failing 100 % → 0 % after 1 min 50 s',
  },
  {
    what: 'it ended at once',
    all: runs((seconds) => seconds < 0),
    verdict: 'worked',
    words: 'failing 100 % → 0 % at once',
  },
  {
    what: 'it did nothing',
    all: runs(() => true, 3 * MINUTE),
    overMs: 3 * MINUTE,
    verdict: 'no_effect',
    words: 'no effect after 3 min: failing 100 % before, 100 % since',
  },
  {
    what: 'every second run still fails at the end',
    all: runs((seconds) => seconds < 0 || seconds % 20 === 0),
    verdict: 'helped',
    words: 'failing 100 % → 50 % within 5 min',
  },
  {
    what: 'it made it worse',
    all: runs((seconds) => seconds >= 0 || seconds % 40 === 0),
    verdict: 'worse',
    words: 'worse: failing 23 % → 100 % within 5 min',
  },
  {
    what: 'nothing failed before and after, and it is faster',
    all: runs(() => false).map((run) => ({
      ...run,
      durationMs: run.startedAt < done ? 4_000 : 500,
    })),
    verdict: 'worked',
    words: '95th percentile 4.0 s → 500 ms',
  },
  {
    what: 'nothing failed and it is as slow as before',
    all: runs(() => false),
    verdict: 'no_effect',
    words: 'no effect after 5 min: 95th percentile 400 ms → 400 ms',
  },
  {
    what: 'nobody looked since',
    all: runs(() => true, 0),
    verdict: 'unknown',
    words: 'too few runs to say: 30 before, 0 since',
  },
])('when $what: $words', ({ all, overMs = 5 * MINUTE, verdict, words }) => {
  expect(compareRuns(all, done, untilOf(overMs))).toMatchObject({ verdict, words })
  expect(compareRuns(all.toReversed(), done, untilOf(overMs))).toMatchObject({ verdict, words })
})

test('what was before the impact is no part of before', () => {
  const all = runs((seconds) => seconds >= -60)
  expect(compareRuns(all, done, untilOf(5 * MINUTE)).verdict).toBe('worse')
  expect(compareRuns(all, done, untilOf(5 * MINUTE), done - MINUTE)).toMatchObject({
    verdict: 'no_effect',
    words: 'no effect after 5 min: failing 100 % before, 100 % since',
  })
})

const mitigation = (of: Partial<Mitigation> = {}): Mitigation => ({
  ...{ id: 'm1', kind: 'rollback', what: 'back to 811', at: done, by: 'ada' },
  ...of,
})
const effect = (of: Partial<MitigationEffect> = {}): MitigationEffect => ({
  ...{ verdict: 'worked', words: 'w', overMs: 5 * MINUTE },
  before: { runs: 9, failed: 9 },
  after: { runs: 9, failed: 0 },
  ...of,
})

test.each([
  { sinceMs: 3 * MINUTE, due: [], why: 'runs are still on their way' },
  { sinceMs: 3.5 * MINUTE, due: [true], why: 'it may have done nothing' },
  { sinceMs: 5.5 * MINUTE, due: [false], why: 'five minutes are over' },
  { sinceMs: 90 * MINUTE, due: [], why: 'nobody looked in time' },
])('after $sinceMs ms: $why', ({ sinceMs, due }) => {
  const found = dueMeasurements({ mitigations: [mitigation()] }, done + sinceMs)
  expect(found.map(({ isEarly }) => isEarly)).toEqual(due)
})

test('what was measured is not measured again, and an early word is followed by the last one', () => {
  const early = mitigation({ effect: effect({ verdict: 'no_effect', overMs: 3 * MINUTE }) })
  expect(dueMeasurements({ mitigations: [early] }, done + 4 * MINUTE)).toEqual([])
  expect(dueMeasurements({ mitigations: [early] }, done + 6 * MINUTE)).toHaveLength(1)
  const last = mitigation({ effect: effect() })
  expect(dueMeasurements({ mitigations: [last] }, done + 6 * MINUTE)).toEqual([])
})

test('the toolbox begins with what worked fastest, and keeps what did nothing in sight', () => {
  const tools = toolboxOf([
    {
      id: 'INC-9',
      mitigations: [
        mitigation({ kind: 'restart', what: 'again', effect: effect({ verdict: 'no_effect' }) }),
        mitigation({ kind: 'rollback', effect: effect({ tookMs: 110_000 }) }),
        mitigation({ kind: 'other', what: 'prayed' }),
      ],
    },
    {
      id: 'INC-4',
      mitigations: [
        mitigation({ kind: 'flag', what: 'off', effect: effect({ tookMs: 20_000 }) }),
        mitigation({ kind: 'rollback', effect: effect({ verdict: 'no_effect' }) }),
      ],
    },
  ])
  expect(tools.map(({ kind, incidentId }) => `${kind} ${incidentId}`)).toEqual([
    'flag INC-4',
    'rollback INC-9',
    'restart INC-9',
  ])
})
