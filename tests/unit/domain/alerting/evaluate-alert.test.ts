import { expect, test } from 'vitest'
import { VOTE_SKEW_MS_MAX } from '../../../../src/domain/alerting/counted-votes.ts'
import { evaluateAlert, nextEvaluationAt } from '../../../../src/domain/alerting/evaluate-alert.ts'
import { evaluate, FRESH_FOR_MS, firingIn, inputOf, NOW, PERIOD_MS, votes } from './votes.ts'

// In every table: newest first; the regions are those of the check.

test.each([
  { runs: { eu: 'P', us: 'P', ap: 'P' }, gives: 'quiet', why: 'all pass' },
  { runs: { eu: '', us: '', ap: '' }, gives: 'quiet', why: 'nothing is known' },
  { runs: { eu: 'FP', us: 'PP', ap: 'PP' }, gives: 'pending', why: 'one failure is noise' },
  { runs: { eu: 'FFP', us: 'PP', ap: 'PP' }, gives: 'pending', why: 'two are not three' },
  { runs: { eu: 'FP', us: 'FP', ap: 'PP' }, gives: 'firing', why: 'two regions agree' },
  { runs: { eu: 'F', us: 'PF', ap: 'PF' }, gives: 'pending', why: 'the others have passed since' },
  { runs: { eu: 'FFF', us: 'PP', ap: 'PP' }, gives: 'firing', why: 'three times in one region' },
  { runs: { eu: 'FIFF', us: 'PP', ap: 'PP' }, gives: 'firing', why: 'a fault breaks no row' },
  { runs: { eu: 'III', us: 'III', ap: 'III' }, gives: 'quiet', why: 'faults are ours, not theirs' },
  { runs: { eu: 'IF', us: 'IF', ap: 'P' }, gives: 'firing', why: 'the failures below are fresh' },
  { runs: { eu: 'D', us: 'D', ap: 'D' }, gives: 'quiet', why: 'degraded is another matter' },
  {
    runs: { eu: '......F', us: '......F', ap: 'P' },
    gives: 'quiet',
    why: 'late failures are history',
  },
  {
    runs: { eu: 'F', us: '......F', ap: 'P' },
    gives: 'pending',
    why: 'a late vote confirms nothing',
  },
  {
    runs: { eu: 'F......FF', us: 'P', ap: 'P' },
    gives: 'pending',
    why: 'a silence breaks the row',
  },
  { runs: { eu: 'FFF' }, gives: 'firing', why: 'one region is all that the check has' },
  { runs: { eu: 'F' }, gives: 'pending', why: 'the quorum cannot be met by one' },
])('$gives: $why', ({ runs, gives }) => {
  const decision = evaluate(runs as Record<string, string>)
  expect(decision.next.state).toBe(gives)
  expect(decision.kind).toBe(gives === 'firing' ? 'fire' : 'hold')
})

test.each([
  { runs: { eu: 'F', us: 'F', ap: 'P' }, scope: 'global', why: 'a quorum fails' },
  { runs: { eu: 'FFF', us: 'P', ap: 'P' }, scope: 'regional', why: 'others pass' },
  { runs: { eu: 'FFF', us: 'P', ap: '' }, scope: 'regional', why: 'one other passes' },
  { runs: { eu: 'FFF', us: '', ap: '' }, scope: 'unknown', why: 'nobody else tells' },
  {
    runs: { eu: 'FFF', us: 'I', ap: '......P' },
    scope: 'unknown',
    why: 'nobody tells anything fresh',
  },
  { runs: { eu: 'FFF' }, scope: 'global', why: 'nobody else watches' },
  {
    runs: { eu: 'FFF', us: 'F', ap: '' },
    rule: { regionsMin: 3 },
    scope: 'global',
    why: 'all that tell fail',
  },
  {
    runs: { eu: 'FFF', us: 'F', ap: 'P' },
    rule: { regionsMin: 3 },
    scope: 'regional',
    why: 'less than the quorum',
  },
  {
    runs: { eu: 'F', us: 'P', ap: 'P' },
    rule: { regionsMin: 1 },
    scope: 'regional',
    why: 'a quorum of one is still one region',
  },
])('fires as $scope: $why', ({ runs, rule = {}, scope }) => {
  const decision = evaluate(runs as Record<string, string>, { rule })
  expect(decision).toMatchObject({ kind: 'fire', widened: true, next: { scope } })
})

test.each([
  {
    from: ['eu'],
    runs: { eu: 'PP', us: 'PP', ap: 'PP' },
    gives: 'resolve',
    why: 'all are proven healthy',
  },
  {
    from: ['eu'],
    runs: { eu: 'PF', us: 'PP', ap: 'PP' },
    gives: 'hold',
    why: 'one pass is no proof',
  },
  {
    from: ['eu'],
    runs: { eu: '', us: 'PP', ap: 'PP' },
    gives: 'hold',
    why: 'silence of the region that failed',
  },
  {
    from: ['eu'],
    runs: { eu: '......PP', us: 'PP', ap: 'PP' },
    gives: 'hold',
    why: 'its passes are stale',
  },
  {
    from: ['eu'],
    runs: { eu: 'PP', us: 'PP', ap: '' },
    gives: 'resolve',
    why: 'a region that never failed may be silent',
  },
  { from: ['eu'], runs: { eu: 'PP', us: '', ap: '' }, gives: 'hold', why: 'too few regions tell' },
  { from: ['eu'], runs: { eu: 'PP', us: 'PP', ap: 'F' }, gives: 'hold', why: 'another fails' },
  {
    from: ['eu'],
    runs: { eu: 'PP', us: 'PP', ap: 'PF' },
    gives: 'hold',
    why: 'another is not proven',
  },
  {
    from: ['eu'],
    runs: { eu: 'DD', us: 'PP', ap: 'PP' },
    gives: 'resolve',
    why: 'degraded is served',
  },
  {
    from: ['eu'],
    runs: { eu: 'PIP', us: 'PP', ap: 'PP' },
    gives: 'resolve',
    why: 'faults break no proof',
  },
  { from: ['eu'], runs: { eu: 'PP' }, gives: 'resolve', why: 'the only region is proven' },
  {
    from: ['gone'],
    runs: { eu: 'PP', us: 'PP' },
    gives: 'resolve',
    why: 'the check left the region that failed',
  },
  {
    from: ['eu', 'us'],
    runs: { eu: 'F', us: 'F', ap: 'P' },
    gives: 'hold',
    why: 'nothing has changed',
  },
  {
    from: ['eu', 'us'],
    runs: { eu: 'FP', us: 'PF', ap: 'P' },
    gives: 'hold',
    why: 'one flaps, neither is proven',
  },
  {
    from: ['eu', 'us'],
    runs: { eu: 'F', us: 'PP', ap: 'PP' },
    gives: 'narrowed',
    why: 'one is proven healthy',
  },
  {
    from: ['eu', 'us'],
    runs: { eu: 'F', us: 'F', ap: 'F' },
    gives: 'widened',
    why: 'a third fails',
  },
  {
    from: ['eu'],
    runs: { eu: 'FFFF', us: 'F', ap: 'P' },
    gives: 'widened',
    why: 'another fails at the same time',
  },
  {
    from: ['eu'],
    runs: { eu: 'PF', us: 'FP', ap: 'PP' },
    gives: 'hold',
    why: 'one failure elsewhere, while it recovers, is noise',
  },
  {
    from: ['eu'],
    runs: { eu: 'PF', us: 'FFF', ap: 'PP' },
    gives: 'widened',
    why: 'repeated failures elsewhere are not',
  },
])('while firing in $from → $gives: $why', ({ from, runs, gives }) => {
  const alert = firingIn(from, { scope: from.length > 1 ? 'global' : 'regional' })
  const decision = evaluate(runs as Record<string, string>, { alert })
  const told =
    decision.kind === 'update' ? (decision.widened ? 'widened' : 'narrowed') : decision.kind
  expect(told).toBe(gives)
  expect(decision.next.state).toBe(gives === 'resolve' ? 'quiet' : 'firing')
})

test.each([
  {
    was: 'regional',
    from: ['eu'],
    runs: { eu: 'FFFF', us: 'F', ap: 'P' },
    gives: 'global',
    why: 'a quorum fails',
  },
  {
    was: 'global',
    from: ['eu', 'us'],
    runs: { eu: 'F', us: 'PP', ap: 'PP' },
    gives: 'regional',
    why: 'one was proven healthy',
  },
  {
    was: 'regional',
    from: ['eu'],
    runs: { eu: 'FFFF', us: '', ap: '' },
    gives: 'regional',
    why: 'silence takes no knowledge back',
  },
  {
    was: 'unknown',
    from: ['eu'],
    runs: { eu: 'FFFF', us: 'P', ap: '' },
    gives: 'regional',
    why: 'another tells that it passes',
  },
  {
    was: 'global',
    from: ['eu', 'us'],
    runs: { eu: 'PF', us: 'PF', ap: 'PP' },
    gives: 'global',
    why: 'nothing is proven yet',
  },
  {
    was: 'regional',
    from: ['eu', 'us'],
    runs: { eu: 'F', us: 'F', ap: '' },
    rule: { regionsMin: 3 },
    gives: 'regional',
    why: 'the one that passed fell silent, which widens nothing',
  },
])('while firing, $was becomes $gives: $why', ({ was, from, runs, rule = {}, gives }) => {
  const alert = firingIn(from, { scope: was as 'global' })
  expect(evaluate(runs as Record<string, string>, { alert, rule }).next.scope).toBe(gives)
})

test('an alert that was stored without its regions takes those that failed', () => {
  const { implicated, ...alert } = firingIn(['eu'])
  const decision = evaluate({ eu: '', us: 'PP', ap: 'PP' }, { alert })
  expect(implicated).toEqual(['eu'])
  expect(decision).toMatchObject({ kind: 'hold', regions: ['eu'] })
})

test.each([
  {
    runs: { 'eu-west': 'F', 'us-east': 'F', 'ap-south': 'P' },
    reason:
      'failed in 2 of 3 regions (eu-west, us-east), which confirm each other, passes in ap-south',
  },
  {
    runs: { 'eu-west': 'FFF', 'us-east': 'P', 'ap-south': 'P' },
    reason: 'failed 3 times in a row in eu-west, passes in us-east and ap-south',
  },
  {
    runs: { 'eu-west': 'F', 'us-east': 'P', 'ap-south': 'P' },
    reason: 'one failure in eu-west is not confirmed yet, passes in us-east and ap-south',
  },
  {
    runs: { 'eu-west': 'FF', 'us-east': 'P', 'ap-south': '' },
    reason:
      '2 failures in a row in eu-west are not confirmed yet, passes in us-east; no fresh run from ap-south',
  },
  {
    runs: { 'eu-west': 'FFF', 'us-east': '', 'ap-south': '' },
    reason: 'failed 3 times in a row in eu-west; no other region has a fresh run',
  },
  {
    runs: { 'eu-west': 'FFFF' },
    reason: 'failed 4 times in a row in eu-west, the only region of the check',
  },
  {
    runs: { 'eu-west': 'FFF', 'us-east': 'F', 'ap-south': 'P' },
    rule: { regionsMin: 3 },
    reason: 'failed 3 times in a row in eu-west and in us-east, passes in ap-south',
  },
  {
    runs: { 'eu-west': 'P', 'us-east': 'D', 'ap-south': 'P' },
    reason: 'passes in eu-west, us-east and ap-south',
  },
  {
    runs: { 'eu-west': 'P', 'us-east': 'I', 'ap-south': '' },
    reason: 'passes in eu-west; no fresh run from us-east and ap-south',
  },
  { runs: { 'eu-west': '', 'us-east': '' }, reason: 'no fresh run from any region' },
])('says why: $reason', ({ runs, rule = {}, reason }) => {
  expect(evaluate(runs as unknown as Record<string, string>, { rule }).next.reason).toBe(reason)
})

test.each([
  {
    runs: { eu: '', us: 'PP' },
    reason: 'eu failed and has no fresh run since: silence is no proof of health',
  },
  { runs: { eu: 'PF', us: 'PP' }, reason: 'eu passes again, 1 of 2 times in a row' },
  {
    runs: { eu: 'PP', us: '' },
    reason: 'too few regions prove that it is healthy: eu; no fresh run from us',
  },
  { runs: { eu: 'PP', us: 'PPP' }, reason: 'passed 2 times in a row in eu and us' },
])('says what ends it: $reason', ({ runs, reason }) => {
  const decision = evaluate(runs as Record<string, string>, { alert: firingIn(['eu']) })
  expect(decision.next.reason).toBe(reason)
})

test('each region is failing, healthy or unknown by its latest vote', () => {
  const { next } = evaluate({ eu: 'FP', us: 'PF', ap: '', sa: 'IF', af: 'D' })
  expect(next).toMatchObject({ failing: ['eu', 'sa'], healthy: ['us', 'af'], unknown: ['ap'] })
})

test('the evidence is the latest failure of each region, and the impact begins with the first', () => {
  const decision = evaluate({ eu: 'FFP', us: 'FFFF', ap: 'P' })
  expect(decision.regions).toEqual(['eu', 'us'])
  expect(decision.evidence.map(({ regionId, vote }) => [regionId, vote.slotAt])).toEqual([
    ['eu', NOW - 1_000],
    ['us', NOW - 1_000],
  ])
  expect(decision.badSince).toBe(NOW - 1_000 - 3 * PERIOD_MS + 50)
})

test('an impact does not begin in the future, even where the clock of the probe is ahead', () => {
  const votesByRegion = new Map([['eu', votes('F', { newestAt: NOW + VOTE_SKEW_MS_MAX })]])
  const decision = evaluateAlert({
    ...inputOf({ eu: '' }, { rule: { regionsMin: 1 } }),
    votesByRegion,
  })
  expect(decision).toMatchObject({ kind: 'fire', badSince: NOW })
})

test('the time since when is kept while the state is the same', () => {
  const alert = firingIn(['eu'], { since: NOW - 77_000 })
  expect(evaluate({ eu: 'FFF', us: 'P' }, { alert }).next.since).toBe(NOW - 77_000)
  expect(evaluate({ eu: 'PP', us: 'PP' }, { alert }).next.since).toBe(NOW)
})

test('votes of a region that the check does not have do not count', () => {
  const input = inputOf({ eu: 'F', us: 'P' })
  const votesByRegion = new Map([...input.votesByRegion, ['old', votes('FFF')]])
  expect(evaluateAlert({ ...input, votesByRegion }).next.state).toBe('pending')
})

test.each([
  { runs: { eu: '', us: '' }, gives: undefined, why: 'without votes time changes nothing' },
  { runs: { eu: '......F', us: '' }, gives: undefined, why: 'a stale vote stays stale' },
  {
    runs: { eu: 'FF', us: '.F' },
    gives: NOW - 1_000 - PERIOD_MS + FRESH_FOR_MS + 1,
    why: 'the older vote goes stale first',
  },
  {
    runs: { eu: 'IF', us: 'P' },
    gives: NOW - 1_000 - PERIOD_MS + FRESH_FOR_MS + 1,
    why: 'a fault is no vote',
  },
])('the next evaluation is at $gives: $why', ({ runs, gives }) => {
  expect(nextEvaluationAt(inputOf(runs as Record<string, string>))).toBe(gives)
})

test('a slot ahead of our clock is evaluated when it becomes believable', () => {
  const slotAt = NOW + VOTE_SKEW_MS_MAX + 5_000
  const votesByRegion = new Map([['eu', votes('F', { newestAt: slotAt })]])
  const input = { ...inputOf({ eu: '' }), votesByRegion }
  expect(evaluateAlert(input).next.state).toBe('quiet')
  expect(nextEvaluationAt(input)).toBe(NOW + 5_000)
  expect(evaluateAlert({ ...input, now: NOW + 5_000 }).next.state).toBe('pending')
})
