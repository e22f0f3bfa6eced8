import { describe, expect, test } from 'vitest'
import { DEFAULT_SEVERITY_RULES } from '../../../../src/definitions/default-severities.ts'
import { changeSeverity } from '../../../../src/domain/incident/commands/change-severity.ts'
import {
  type DataContext,
  flagData,
  withdrawData,
} from '../../../../src/domain/incident/commands/data-at-risk.ts'
import { declare, declareByHand } from '../../../../src/domain/incident/commands/declare.ts'
import { merge } from '../../../../src/domain/incident/commands/merge.ts'
import type { Decision, Order } from '../../../../src/domain/incident/commands/order.ts'
import {
  suggestForData,
  suggestSeverity,
} from '../../../../src/domain/incident/suggest-severity.ts'
import { reportFinding } from '../../../../src/domain/incident/transition.ts'
import type { SeverityRule } from '../../../../src/protocol/config.ts'
import { type Incident, IncidentState } from '../../../../src/protocol/incident.ts'
import { aFinding, after, anIncident, aReport, MINUTE, NOW, typesOf } from './reports.ts'

const order = (overrides: Partial<Order> = {}): Order => ({
  by: 'grace',
  now: NOW + MINUTE,
  ...overrides,
})
const WHAT = 'orders since 14:40 may be stored twice.'
const SHIPPED: DataContext = {
  severityRules: DEFAULT_SEVERITY_RULES,
  services: [{ id: 'storefront', tier: 'standard' }],
}
const SILENT: DataContext = { ...SHIPPED, severityRules: DEFAULT_SEVERITY_RULES.slice(1) }

function done(incident: Incident | undefined, decision: Decision): Incident {
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  return after(incident, decision.events)
}

const small = anIncident(aFinding({ tier: 'minor' }))
const flagged = done(small, flagData(small, order(), { what: WHAT }, SHIPPED))

describe('the flag', () => {
  test('makes an incident SEV-1 by the shipped rules, and says who fears for what', () => {
    expect(small.severity).toBe('SEV-4')
    expect(flagged).toMatchObject({
      severity: 'SEV-1',
      severityReason:
        'Data may be lost or wrong, and every minute may make it worse (grace fears for data: orders since 14:40 may be stored twice).',
      dataAtRisk: { what: WHAT, by: 'grace', at: NOW + MINUTE },
      generation: small.generation + 1,
    })
  })

  test('raises nothing where no rule names it, or where it is as bad already', () => {
    const decision = flagData(small, order(), { what: WHAT }, SILENT)
    expect(decision.kind === 'accepted' && typesOf(decision.events)).toEqual(['data_at_risk'])
    const worst: Incident = { ...small, severity: 'SEV-1' }
    const same = flagData(worst, order(), { what: WHAT }, SHIPPED)
    expect(same.kind === 'accepted' && typesOf(same.events)).toEqual(['data_at_risk'])
  })

  test('withdrawn needs a reason, and lowers nothing by itself', () => {
    expect(withdrawData(flagged, order(), { reason: ' ' })).toMatchObject({
      kind: 'rejected',
      code: 'incident.reason_missing',
    })
    const whole = done(flagged, withdrawData(flagged, order(), { reason: 'counted, all there' }))
    expect(whole).toMatchObject({ severity: 'SEV-1', severityReason: flagged.severityReason })
    expect(whole).not.toHaveProperty('dataAtRisk')
    expect(withdrawData(whole, order(), { reason: 'again' })).toEqual({
      kind: 'rejected',
      code: 'incident.no_change',
      reason: 'nobody has said that data of INC-42 is at risk',
    })
  })

  test('said again is nothing new, and in other words it is', () => {
    expect(flagData(flagged, order({ by: 'ada' }), { what: WHAT }, SHIPPED)).toEqual({
      kind: 'rejected',
      code: 'incident.no_change',
      reason: 'grace has said so of INC-42 already',
    })
    const more = done(flagged, flagData(flagged, order(), { what: 'addresses, too' }, SHIPPED))
    expect(more.dataAtRisk?.what).toBe('addresses, too')
  })

  test('without a sentence is refused, and says what is missing', () => {
    expect(flagData(small, order(), { what: '  ' }, SHIPPED)).toEqual({
      kind: 'rejected',
      code: 'incident.reason_missing',
      reason: 'the flag that data is at risk needs a reason: which data may be lost or wrong',
    })
  })

  test.each(IncidentState.options)('in %s', (state) => {
    const isOver = ['closed', 'declined', 'merged', 'cancelled'].includes(state)
    const one: Incident = { ...flagged, state }
    const expected = isOver
      ? { kind: 'rejected', code: 'incident.wrong_state' }
      : { kind: 'accepted' }
    expect(flagData(one, order(), { what: 'more' }, SHIPPED)).toMatchObject(expected)
    expect(withdrawData(one, order(), { reason: 'x' })).toMatchObject(expected)
  })

  test('sent again does nothing twice', () => {
    const once = order({ commandId: 'once-and-only' })
    const next = done(small, flagData(small, once, { what: WHAT }, SHIPPED))
    expect(flagData(next, once, { what: WHAT }, SHIPPED)).toEqual({ kind: 'accepted', events: [] })
  })
})

describe('a person who lowers the severity', () => {
  const reason = 'only a report of last week'
  const lowered = done(flagged, changeSeverity(flagged, order(), { to: 'SEV-3', reason }))
  const search = aFinding({ key: 'check:search', subject: 'search', tier: 'minor' })
  const report = (incident: Incident) =>
    after(
      incident,
      reportFinding(
        incident,
        aReport({ finding: search, severityRules: DEFAULT_SEVERITY_RULES, now: NOW + 2 * MINUTE }),
      ),
    )

  test('has weighed the flag: what fails next does not raise it by that again', () => {
    expect(report(lowered)).toMatchObject({ severity: 'SEV-3', dataAtRisk: { isWeighed: true } })
  })
  test('has not weighed what is said of data afterwards', () => {
    const again = done(lowered, flagData(lowered, order(), { what: 'payments as well' }, SHIPPED))
    expect(again.severity).toBe('SEV-1')
    expect(again.dataAtRisk).not.toHaveProperty('isWeighed')
  })
})

describe('declared with the flag', () => {
  test('an incident in triage is as severe as the rules say, or the person if that is worse', () => {
    const said = { severity: 'SEV-2', dataAtRisk: WHAT } as const
    const decision = declare(small, order(), said, SHIPPED)
    expect(decision.kind === 'accepted' && typesOf(decision.events)).toEqual([
      'declared',
      'severity_raised',
      'data_at_risk',
      'severity_raised',
    ])
    expect(done(small, decision)).toMatchObject({ severity: 'SEV-1', state: 'mitigating' })
    const again = declare(flagged, order(), { dataAtRisk: WHAT }, SHIPPED)
    expect(again.kind === 'accepted' && typesOf(again.events)).toEqual(['declared'])
  })
  test('one opened by hand begins with it', () => {
    const wanted = { serviceId: 'storefront', title: 'Sums are off', reason: 'a call' }
    const decision = declareByHand(
      order(),
      { ...wanted, severity: 'SEV-3', dataAtRisk: WHAT },
      SHIPPED,
    )
    expect(done(undefined, decision)).toMatchObject({
      severity: 'SEV-1',
      dataAtRisk: { what: WHAT, by: 'grace' },
    })
  })
})

test('what becomes a part of another incident takes its flag with it', () => {
  const into = { ...anIncident(aFinding({ key: 'check:cart' })), id: 'INC-7' }
  const decision = merge(flagged, into, order(), 'the same')
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  expect(after(into, decision.others)).toMatchObject({
    severity: 'SEV-1',
    dataAtRisk: { what: WHAT },
  })
})

const rule = (when: SeverityRule['when']): SeverityRule => ({
  when,
  severity: 'SEV-1',
  because: 'Data.',
})
const fear = { what: WHAT, by: 'grace', at: NOW }
const journey = { ...aFinding({ scope: 'global' }), checkKind: 'journey' as const }
const port = { ...aFinding({ scope: 'global', subject: 'port' }), checkKind: 'tcp' as const }

test.each([
  { when: { dataAtRisk: true }, open: [], holds: true, why: 'nothing has to be found for it' },
  { when: { dataAtRisk: true, tier: 'core' }, open: [], holds: true, why: 'the service is core' },
  {
    ...{ when: { dataAtRisk: true, tier: 'minor' }, open: [journey], holds: false },
    why: 'neither the service nor a finding is minor',
  },
  {
    ...{ when: { dataAtRisk: true, scope: 'global' }, open: [], holds: false },
    why: 'how wide it is nobody knows',
  },
  {
    ...{ when: { dataAtRisk: true, scope: 'global' }, open: [journey], holds: true },
    why: 'a finding is global',
  },
  {
    when: { dataAtRisk: true, together: [{ kind: 'journey' }, { kind: 'tcp' }] },
    ...{ open: [journey, port], holds: true, why: 'both fail' },
  },
  {
    when: { dataAtRisk: true, together: [{ kind: 'journey' }, { kind: 'tcp' }] },
    ...{ open: [journey], holds: false, why: 'one alone is not both' },
  },
  { when: {}, open: [journey], holds: false, why: 'a rule that does not name it had its say' },
] as const)('a rule $when: $holds, because $why', ({ when, open, holds }) => {
  const rules = [rule(when as SeverityRule['when'])]
  expect(suggestForData(rules, fear, open, 'core') !== undefined).toBe(holds)
})

test('a finding on a flagged incident is judged by the rules that name the flag, and on others not', () => {
  const rules = [rule({ dataAtRisk: true, tier: 'core' }), ...DEFAULT_SEVERITY_RULES.slice(1)]
  const regional = aFinding()
  expect(suggestSeverity(rules, regional).severity).toBe('SEV-2')
  expect(suggestSeverity(rules, regional, [], fear)).toEqual({
    severity: 'SEV-1',
    reason:
      'Data (a core check fails in some regions only, grace fears for data: orders since 14:40 may be stored twice).',
  })
  const stated = { ...aFinding({ kind: 'signal', severity: 'SEV-3' }) }
  expect(suggestSeverity(rules, stated, [], fear).severity).toBe('SEV-1')
})
