import { describe, expect, test } from 'vitest'
import {
  acknowledge,
  isAcknowledged,
  note,
} from '../../../../src/domain/incident/commands/acknowledge.ts'
import { changeSeverity } from '../../../../src/domain/incident/commands/change-severity.ts'
import {
  confirm,
  DECLARED_BACK_MS_MAX,
  declare,
  declareByHand,
  decline,
  standDown,
} from '../../../../src/domain/incident/commands/declare.ts'
import {
  close,
  mitigated,
  REOPEN_WITHIN_MS,
  reopen,
  resolve,
} from '../../../../src/domain/incident/commands/finish.ts'
import { merge } from '../../../../src/domain/incident/commands/merge.ts'
import type { Decision, Order } from '../../../../src/domain/incident/commands/order.ts'
import { split } from '../../../../src/domain/incident/commands/split.ts'
import { timeInSeverity } from '../../../../src/domain/incident/time-in-severity.ts'
import {
  clearFinding,
  completeVerification,
  reportFinding,
} from '../../../../src/domain/incident/transition.ts'
import { type Incident, IncidentState } from '../../../../src/protocol/incident.ts'
import {
  aFinding,
  anIncident,
  aReport,
  after as folded,
  globally,
  MINUTE,
  NOW,
  RULES,
  typesOf,
  VERIFY_FOR_MS,
} from './reports.ts'

const LATER = NOW + 2 * VERIFY_FOR_MS
const order = (overrides: Partial<Order> = {}): Order => ({ by: 'ada', now: LATER, ...overrides })
const BECAUSE = 'because'
const KEY = 'check:checkout-stop'
const OTHER = aFinding({ key: 'check:search', subject: 'search', checkId: 'search' })

/** What a command made of an incident; it must have been accepted. */
function done(incident: Incident, decision: Decision): Incident {
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  return folded(incident, decision.events)
}

const clear = (incident: Incident, key = KEY) =>
  folded(incident, clearFinding(incident, key, 'passed twice', NOW, VERIFY_FOR_MS))
const report = (incident: Incident, finding = aFinding(), now = LATER) =>
  reportFinding(incident, aReport({ finding, now }))

const triage = anIncident(aFinding(), OTHER)
const mitigating = done(triage, declare(triage, order({ now: NOW })))
const verifying = clear(clear(mitigating), OTHER.key)
const restored = folded(verifying, completeVerification(verifying, NOW + VERIFY_FOR_MS))
const resolved = done(restored, resolve(restored, order(), { as: 'cause_fixed', reason: BECAUSE }))
const STATES: Record<IncidentState, Incident> = {
  triage,
  mitigating,
  verifying,
  restored,
  resolved,
  closed: done(resolved, close(resolved, order(), { withoutReview: BECAUSE })),
  declined: done(triage, decline(triage, order(), { as: 'ticket', reason: BECAUSE })),
  cancelled: done(mitigating, standDown(mitigating, order(), BECAUSE)),
  merged: done(triage, merge(triage, { ...mitigating, id: 'INC-7' }, order(), BECAUSE)),
}

test.each(IncidentState.options)('the sample that stands for %s is in that state', (state) => {
  expect(STATES[state].state).toBe(state)
})

const into = { ...anIncident(aFinding({ key: 'check:cart' })), id: 'INC-7' }

/** Each command, and what the incident is afterwards from each state in which it may be given. */
const COMMANDS: {
  name: string
  give: (incident: Incident, order: Order) => Decision
  from: Partial<Record<IncidentState, IncidentState>>
}[] = [
  { name: 'declare', give: declare, from: { triage: 'mitigating' } },
  {
    name: 'confirm',
    give: (incident, by) => confirm(incident, by),
    from: { triage: 'triage', mitigating: 'mitigating', verifying: 'verifying' },
  },
  {
    name: 'decline',
    give: (incident, by) => decline(incident, by, { as: 'false_alarm', reason: BECAUSE }),
    from: { triage: 'declined' },
  },
  {
    name: 'stand down',
    give: (incident, by) => standDown(incident, by, BECAUSE),
    from: { triage: 'cancelled', mitigating: 'cancelled' },
  },
  {
    name: 'acknowledge',
    give: acknowledge,
    from: { triage: 'triage', mitigating: 'mitigating', verifying: 'verifying' },
  },
  {
    name: 'note',
    give: (incident, by) => note(incident, by, 'looking'),
    from: Object.fromEntries(IncidentState.options.map((state) => [state, state])),
  },
  {
    name: 'severity',
    give: (incident, by) => changeSeverity(incident, by, { to: 'SEV-4', reason: BECAUSE }),
    from: {
      triage: 'triage',
      mitigating: 'mitigating',
      verifying: 'verifying',
      restored: 'restored',
      resolved: 'resolved',
    },
  },
  {
    name: 'mitigated',
    give: (incident, by) => mitigated(incident, by, { note: BECAUSE, verifyForMs: VERIFY_FOR_MS }),
    from: { mitigating: 'mitigating' },
  },
  {
    name: 'resolve',
    give: (incident, by) => resolve(incident, by, { as: 'risk_accepted', reason: BECAUSE }),
    from: { restored: 'resolved' },
  },
  {
    name: 'close',
    give: (incident, by) => close(incident, by, { withoutReview: BECAUSE }),
    from: { resolved: 'closed' },
  },
  {
    name: 'reopen',
    give: (incident, by) => reopen(incident, by, BECAUSE),
    from: { verifying: 'mitigating', restored: 'mitigating', resolved: 'mitigating' },
  },
  {
    name: 'merge',
    give: (incident, by) => merge(incident, into, by, BECAUSE),
    from: { triage: 'merged', mitigating: 'merged' },
  },
  {
    name: 'split',
    give: (incident, by) =>
      split(incident, by, {
        keys: [KEY],
        reason: BECAUSE,
        newId: 'INC-43',
        title: 'another',
        severityRules: RULES,
      }),
    from: { triage: 'triage', mitigating: 'mitigating' },
  },
]

describe.each(COMMANDS)('$name', ({ give, from }) => {
  test.each(IncidentState.options)('in %s', (state) => {
    const incident = STATES[state]
    const decision = give(incident, order({ commandId: 'once' }))
    const to = from[state]
    if (to === undefined)
      return expect(decision).toEqual({
        kind: 'rejected',
        code: expect.stringMatching(/^incident\.(wrong_state|no_change)$/),
        reason: expect.stringContaining(incident.id),
      })
    const next = done(incident, decision)
    expect(next.state).toBe(to)
    expect(give(next, order({ commandId: 'once' }))).toMatchObject({ events: [] })
    if (decision.kind === 'accepted')
      expect(decision.events[0]?.actor).toEqual({ kind: 'person', name: 'ada' })
  })
})

test.each([
  { give: () => decline(triage, order(), { as: 'ticket', reason: ' ' }), what: 'declining' },
  { give: () => standDown(mitigating, order(), ''), what: 'standing down' },
  { give: () => changeSeverity(triage, order(), { to: 'SEV-4' }), what: 'lowering' },
  {
    give: () => mitigated(mitigating, order(), { note: '', verifyForMs: 1 }),
    what: 'saying that the impact is over',
  },
  {
    give: () => resolve(restored, order(), { as: 'risk_accepted', reason: '' }),
    what: 'accepting',
  },
  { give: () => reopen(resolved, order(), ''), what: 'reopening' },
  { give: () => merge(triage, into, order(), ''), what: 'merging' },
])('$what needs a reason', ({ give }) => {
  expect(give()).toMatchObject({ kind: 'rejected', code: 'incident.reason_missing' })
})

describe('what is dated back', () => {
  const at = (occurredAt: number, words = BECAUSE) => note(mitigating, order({ occurredAt }), words)

  test('tells both when it happened and when it was written down', () => {
    expect(at(NOW)).toMatchObject({ events: [{ occurredAt: NOW, recordedAt: LATER }] })
  })
  test.each([
    { decision: at(LATER + 1), why: 'it is still to come' },
    { decision: at(mitigating.impactStartedAt - 1), why: 'there is no evidence from then' },
    {
      decision: resolve(restored, order({ occurredAt: NOW }), {
        as: 'cause_fixed',
        reason: BECAUSE,
      }),
      why: 'it was not restored yet',
    },
  ])('is refused when $why', ({ decision }) => {
    expect(decision).toMatchObject({ kind: 'rejected', code: 'incident.time_impossible' })
  })
  test('needs a note', () => {
    expect(acknowledge(mitigating, order({ occurredAt: NOW }))).toMatchObject({
      code: 'incident.reason_missing',
    })
  })
  test('may be from before the incident was found: people knew earlier', () => {
    const decision = declare(triage, order({ occurredAt: NOW - MINUTE }), { note: 'by phone' })
    expect(done(triage, decision)).toMatchObject({ state: 'mitigating', stateSince: NOW - MINUTE })
  })
})

describe('acknowledged', () => {
  const mine = done(triage, acknowledge(triage, order()))

  test('holds for more of the same, and not for what reaches further or is worse', () => {
    expect(isAcknowledged(triage)).toBe(false)
    expect(isAcknowledged(mine)).toBe(true)
    const same = aFinding({ key: 'check:cart', subject: 'cart' })
    expect(isAcknowledged(folded(mine, report(mine, same)))).toBe(true)
    const further = aFinding({ regions: ['eu-west', 'us-east'] })
    expect(isAcknowledged(folded(mine, report(mine, further)))).toBe(false)
    const worse = done(mine, changeSeverity(mine, order(), { to: 'SEV-1' }))
    expect(isAcknowledged(worse)).toBe(false)
  })
  test('of an earlier generation is on record, and does not cover the present one', () => {
    const wider = folded(triage, report(triage, globally()))
    const seen = done(wider, acknowledge(wider, order(), { generation: 1 }))
    expect([seen.acknowledged?.generation, isAcknowledged(seen)]).toEqual([1, false])
  })
  test('by one person is refused to another, who is told, and is nothing new to the same', () => {
    expect(acknowledge(mine, order({ by: 'grace' }))).toEqual({
      kind: 'rejected',
      code: 'incident.no_change',
      reason: 'ada has acknowledged INC-42 already',
    })
    expect(acknowledge(mine, order())).toEqual({ kind: 'accepted', events: [] })
  })
})

describe('severity', () => {
  const lowered = done(
    mitigating,
    changeSeverity(mitigating, order(), { to: 'SEV-4', reason: BECAUSE }),
  )

  test.each([
    { finding: aFinding({ regions: ['us-east'] }), goes: 'SEV-4', why: 'in another region' },
    {
      finding: aFinding({ severity: 'SEV-1' }),
      goes: 'SEV-1',
      why: 'whoever raised it says worse',
    },
    { finding: globally(), goes: 'SEV-1', why: 'in a wider scope' },
    { finding: aFinding({ key: 'check:new' }), goes: 'SEV-2', why: 'the finding is another' },
  ] as const)('that was lowered is then $goes when it fails on, $why', ({ finding, goes }) => {
    expect(folded(lowered, report(lowered, finding)).severity).toBe(goes)
  })
  test('that a person raised again is theirs no longer to hold down', () => {
    const raised = done(lowered, changeSeverity(lowered, order(), { to: 'SEV-3' }))
    expect(raised).not.toHaveProperty('loweredKnowing')
    expect(raised.severityReason).toBe('A person raised it.')
  })
  test('is counted by time while the incident is open', () => {
    const changed = done(
      triage,
      changeSeverity(triage, order({ now: NOW + 10 * MINUTE }), { to: 'SEV-1' }),
    )
    expect(timeInSeverity(changed, NOW + 15 * MINUTE)).toEqual([
      { severity: 'SEV-1', ms: 5 * MINUTE },
      { severity: 'SEV-2', ms: 10 * MINUTE },
    ])
    expect(timeInSeverity(restored, NOW + 99 * VERIFY_FOR_MS)).toEqual([
      { severity: 'SEV-2', ms: VERIFY_FOR_MS },
    ])
  })
  test('can be stated together with declaring', () => {
    const declared = done(triage, declare(triage, order(), { severity: 'SEV-1' }))
    expect(declared).toMatchObject({ state: 'mitigating', severity: 'SEV-1' })
  })
})

describe('declared by hand', () => {
  const wanted = {
    serviceId: 'storefront',
    title: 'Customers cannot pay',
    severity: 'SEV-1' as const,
    reason: 'twelve calls in ten minutes',
  }
  const opening = declareByHand(order({ commandId: 'once' }), wanted)
  const byHand =
    opening.kind === 'accepted' ? folded(undefined, opening.events) : expect.unreachable()

  test('it begins in mitigating, with nothing found', () => {
    expect(byHand).toMatchObject({ state: 'mitigating', severity: 'SEV-1', findings: [] })
  })
  test('a finding that comes and goes does not end it: only a person can', () => {
    const calm = clear(folded(byHand, report(byHand)))
    expect(calm.state).toBe('mitigating')
    const over = done(calm, mitigated(calm, order(), { note: 'paid', verifyForMs: VERIFY_FOR_MS }))
    expect(over).toMatchObject({ state: 'verifying', verifyUntil: LATER + VERIFY_FOR_MS })
  })
  test.each([
    { occurredAt: LATER + 1, why: 'later than now' },
    { occurredAt: LATER - DECLARED_BACK_MS_MAX - 1, why: 'more than a week ago' },
  ])('not to have begun $why', ({ occurredAt }) => {
    expect(declareByHand(order({ occurredAt }), wanted)).toMatchObject({
      code: 'incident.time_impossible',
    })
  })
})

describe('the impact that a person says is over', () => {
  const said = done(
    mitigating,
    mitigated(mitigating, order(), { note: 'rolled back', verifyForMs: VERIFY_FOR_MS }),
  )
  test('goes on for as long as a finding is open', () => {
    expect(said).toMatchObject({ state: 'mitigating', mitigated: { by: 'ada' } })
    expect(clear(clear(said), OTHER.key).state).toBe('verifying')
  })
  test('is not over when it fails again', () => {
    const calm = clear(clear(said), OTHER.key)
    expect(folded(calm, report(calm))).not.toHaveProperty('mitigated')
  })
})

test('an incident that was resolved long ago is not reopened', () => {
  const late = LATER + REOPEN_WITHIN_MS + 1
  expect(reopen(resolved, order({ now: late }), BECAUSE)).toMatchObject({
    code: 'incident.wrong_state',
    reason: expect.stringContaining('declare another'),
  })
})

describe('merging', () => {
  const target = { ...anIncident(aFinding({ key: 'check:cart', tier: 'minor' })), id: 'INC-7' }
  function merged(incident: Incident, other: Incident) {
    const decision = merge(incident, other, order(), 'same cause')
    if (decision.kind === 'rejected') throw new Error(decision.reason)
    return { first: folded(incident, decision.events), second: folded(other, decision.others) }
  }

  test('brings findings, severity and the declaration along, and leaves a way back', () => {
    const { first, second } = merged(mitigating, target)
    expect(first).toMatchObject({ state: 'merged', mergedInto: 'INC-7', findings: [] })
    expect(second).toMatchObject({ state: 'mitigating', severity: 'SEV-2', absorbed: ['INC-42'] })
    expect(second.findings.map(({ key }) => key)).toEqual(['check:cart', KEY, OTHER.key])
  })
  test('of another service is news, and its findings tell where they come from', () => {
    const seen = done(target, acknowledge(target, order()))
    const { second } = merged({ ...triage, serviceId: 'payments' }, seen)
    expect(isAcknowledged(second)).toBe(false)
    expect(second.findings.map(({ serviceId }) => serviceId)).toEqual([
      undefined,
      'payments',
      'payments',
    ])
  })
  test('breaks the verification of the other', () => {
    const calm = { ...verifying, id: 'INC-7' }
    const { second } = merged(anIncident(aFinding({ key: 'check:cart' })), calm)
    expect(second.state).toBe('mitigating')
  })
  test.each([
    { other: { ...triage }, why: 'it is the same' },
    { other: { ...restored, id: 'INC-7' }, why: 'the other is over' },
  ])('is refused when $why', ({ other }) => {
    expect(merge(triage, other, order(), BECAUSE)).toMatchObject({ code: 'incident.cannot_join' })
  })
})

describe('splitting', () => {
  const options = { reason: BECAUSE, newId: 'INC-43', title: 'Search', severityRules: RULES }

  test('opens another, as declared as the first, that owns the findings', () => {
    const decision = split(mitigating, order(), { ...options, keys: [OTHER.key] })
    if (decision.kind === 'rejected') throw new Error(decision.reason)
    expect(typesOf(decision.others)).toEqual(['opened', 'split_from', 'declared'])
    expect(folded(mitigating, decision.events).findings.map(({ key }) => key)).toEqual([KEY])
    expect(folded(undefined, decision.others)).toMatchObject({
      state: 'mitigating',
      splitFrom: 'INC-42',
      findings: [{ key: OTHER.key }],
    })
  })
  test.each([
    { keys: [], why: 'none is named' },
    { keys: ['check:unheard-of'], why: 'one is not there' },
    { keys: [KEY, OTHER.key], why: 'none would stay' },
  ])('is refused when $why', ({ keys }) => {
    expect(split(mitigating, order(), { ...options, keys })).toMatchObject({
      code: 'incident.finding_unknown',
    })
  })
})
