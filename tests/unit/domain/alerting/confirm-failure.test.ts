import { describe, expect, test } from 'vitest'
import {
  ASK_EVERY_MS,
  beginConfirmation,
  CONFIRMATIONS_PER_MINUTE_MAX,
  confirmationDueAt,
  followConfirmation,
  wantsConfirmation,
} from '../../../../src/domain/alerting/confirm-failure.ts'
import type { Vote } from '../../../../src/domain/alerting/judge-region.ts'
import type { Tier } from '../../../../src/protocol/check-base.ts'
import type { Confirmation } from '../../../../src/protocol/confirmation.ts'
import type { AlertStatus } from '../../../../src/protocol/public-api.ts'
import type { Verdict } from '../../../../src/protocol/run.ts'
import { aCheck } from '../../../support/builders.ts'
import { anAlert, firingIn, NOW } from './votes.ts'

const CHECK = aCheck('http')
const COMMAND_ID = '0f8fad5b-d9cb-469f-a165-70867728950e'
const pendingIn = (...failing: string[]) => anAlert({ state: 'pending', failing })
const asked = (agoMs: number, ...failed: string[]): Confirmation =>
  beginConfirmation(CHECK, {
    commandId: COMMAND_ID,
    failed,
    asked: CHECK.regions.filter((region) => !failed.includes(region)),
    now: NOW - agoMs,
  })

describe('who is asked', () => {
  const wish = (overrides: Partial<Parameters<typeof wantsConfirmation>[0]> = {}) =>
    wantsConfirmation({
      check: CHECK,
      before: anAlert(),
      next: pendingIn('eu-west'),
      reachable: CHECK.regions,
      askedInLastMinute: 0,
      now: NOW,
      ...overrides,
    })

  test('every other region that can be reached', () => {
    expect(wish()).toEqual({ isWanted: true, asks: ['us-east', 'ap-south'] })
    expect(wish({ reachable: ['eu-west', 'ap-south'] })).toMatchObject({ asks: ['ap-south'] })
  })

  test.each<[string, Parameters<typeof wish>[0]]>([
    ['a job calls by itself', { check: aCheck('heartbeat') }],
    ['there is nothing to confirm', { next: anAlert() }],
    ['there is nothing to confirm', { next: firingIn(['eu-west', 'us-east']) }],
    ['no region has begun to fail', { before: pendingIn('eu-west') }],
    ['no region has begun to fail', { next: pendingIn() }],
    ['no other region can be reached', { reachable: ['eu-west'] }],
    ['no other region can be reached', { reachable: [] }],
    [
      'its regions were asked a moment ago',
      { before: anAlert({ confirmation: asked(ASK_EVERY_MS - 1, 'us-east') }) },
    ],
  ])('nobody, because %s', (because, overrides) => {
    expect(wish(overrides)).toEqual({ isWanted: false, because })
  })

  test('again after a while', () => {
    const before = anAlert({ confirmation: asked(ASK_EVERY_MS, 'us-east') })
    expect(wish({ before }).isWanted).toBe(true)
  })

  test('of minor checks fewer than of core ones, when many fail at once', () => {
    const isAsked = (tier: Tier, askedInLastMinute: number) =>
      wish({ check: { ...CHECK, tier }, askedInLastMinute }).isWanted
    const max = CONFIRMATIONS_PER_MINUTE_MAX
    expect(
      (['core', 'standard', 'minor'] as const).map((tier) => isAsked(tier, max * 0.5)),
    ).toEqual([true, true, false])
    expect(isAsked('standard', max - 1)).toBe(false)
    expect([isAsked('core', max - 1), isAsked('core', max)]).toEqual([true, false])
  })
})

describe('what came of it', () => {
  const vote = (verdict: Verdict, afterMs: number, overrides: Partial<Vote> = {}): Vote => {
    const receivedAt = NOW - 1_000 + afterMs
    const startedAt = receivedAt - 100
    return {
      verdict,
      runId: `run-${afterMs}`,
      slotAt: startedAt,
      startedAt,
      durationMs: 80,
      receivedAt,
      ...overrides,
    }
  }
  const follow = (
    votes: Record<string, Vote[]>,
    next: AlertStatus,
    { before = pendingIn('eu-west'), confirmation = asked(1_000, 'eu-west'), now = NOW } = {},
  ) =>
    followConfirmation(confirmation, {
      check: CHECK,
      before,
      next,
      votesByRegion: new Map(Object.entries(votes)),
      now,
    })
  const later = NOW + 60_000
  const globally = firingIn(['eu-west', 'us-east'], { scope: 'global', firedBy: ['regions'] })
  const alone = firingIn(['eu-west'], { firedBy: ['failuresToFire'] })

  test.each<[string, Record<string, Vote[]>, AlertStatus, number, string | undefined, string]>([
    [
      'nobody has answered yet',
      {},
      pendingIn('eu-west'),
      NOW,
      undefined,
      'us-east and ap-south are asked to look at once',
    ],
    [
      'one of two has answered',
      { 'us-east': [vote('passed', 400)] },
      pendingIn('eu-west'),
      NOW,
      undefined,
      'asked at once, us-east passes; ap-south is awaited',
    ],
    [
      'the quorum fails, whatever the last one will say',
      { 'us-east': [vote('failed', 840)] },
      globally,
      NOW,
      'confirmed_global',
      'confirmed global: asked at once, us-east fails as well after 840 ms',
    ],
    [
      'all others pass',
      { 'us-east': [vote('passed', 400)], 'ap-south': [vote('degraded', 500)] },
      pendingIn('eu-west'),
      NOW,
      'not_confirmed',
      'not confirmed: asked at once, us-east and ap-south pass',
    ],
    [
      'all others pass, and the first one has recovered',
      { 'us-east': [vote('passed', 400)], 'ap-south': [vote('passed', 500)] },
      anAlert(),
      NOW,
      'not_confirmed',
      'not confirmed: asked at once, us-east and ap-south pass',
    ],
    [
      'nobody answers in time',
      {},
      pendingIn('eu-west'),
      later,
      'not_confirmed',
      'not confirmed: asked at once, us-east and ap-south did not answer',
    ],
    [
      'too few fail for the rule',
      { 'us-east': [vote('failed', 400)], 'ap-south': [vote('passed', 500)] },
      pendingIn('eu-west', 'us-east'),
      NOW,
      'not_confirmed',
      'not confirmed: asked at once, us-east fails as well after 400 ms; ap-south passes',
    ],
    [
      'what the probe could not measure is no answer, nor is what began long before',
      {
        'us-east': [vote('probe_fault', 400)],
        'ap-south': [vote('passed', 400, { startedAt: NOW - 60_000 }), vote('passed', -100)],
      },
      pendingIn('eu-west'),
      NOW,
      undefined,
      'us-east and ap-south are asked to look at once',
    ],
  ])('%s', (_, votes, next, now, verdict, reason) => {
    const followed = follow(votes, next, { now })
    expect(followed?.verdict).toBe(verdict)
    expect(followed?.reason).toBe(reason)
  })

  test('noise that turns out to be a failure of one region is confirmed as regional', () => {
    const noise = follow(
      { 'us-east': [vote('passed', 400)], 'ap-south': [vote('passed', 500)] },
      pendingIn('eu-west'),
    )
    const followed = follow({}, alone, { confirmation: noise as Confirmation, now: later })
    expect(followed?.verdict).toBe('confirmed_regional')
    expect(followed?.reason).toBe(
      'confirmed regional: asked at once, us-east and ap-south pass; what failed has failed again since',
    )
    // And stays so, wherever it is proven healthy first.
    expect(
      follow({}, globally, { before: alone, confirmation: followed as Confirmation })?.verdict,
    ).toBe('confirmed_regional')
  })

  test('an alert that only tells of slowness confirms no failure', () => {
    const slow = firingIn(['eu-west'], { firedBy: ['latency'] })
    expect(follow({}, slow, { now: later })?.verdict).toBe('not_confirmed')
  })

  test('runs that come after its time change the answers no more', () => {
    const over = follow({}, pendingIn('eu-west'), { now: later })
    const votes = { 'us-east': [vote('passed', 62_000)] }
    expect(
      follow(votes, pendingIn('eu-west'), {
        confirmation: over as Confirmation,
        now: later + 5_000,
      }),
    ).toEqual(over)
  })

  test('noise is kept for ten minutes, and not taken for what fails next', () => {
    const old = asked(9 * 60_000, 'eu-west')
    expect(follow({}, anAlert(), { before: anAlert(), confirmation: old })).toBeDefined()
    expect(
      follow({}, pendingIn('us-east'), { before: anAlert(), confirmation: old }),
    ).toBeUndefined()
    expect(follow({}, anAlert(), { confirmation: asked(11 * 60_000, 'eu-west') })).toBeUndefined()
    expect(
      follow({}, globally, { before: globally, confirmation: asked(11 * 60_000, 'eu-west') }),
    ).toBeDefined()
  })

  test('it is looked at again when its time is over: two seconds and every attempt', () => {
    expect(confirmationDueAt(asked(0, 'eu-west'))).toBe(NOW + 2_000 + CHECK.timeoutMs)
    const retried = beginConfirmation(
      { ...CHECK, retry: { times: 2, on: ['any'] } as never },
      { commandId: COMMAND_ID, failed: ['eu-west'], asked: ['us-east'], now: NOW },
    )
    expect(confirmationDueAt(retried)).toBe(NOW + 2_000 + 3 * CHECK.timeoutMs)
    expect(confirmationDueAt({ ...retried, verdict: 'not_confirmed' })).toBeUndefined()
  })
})
