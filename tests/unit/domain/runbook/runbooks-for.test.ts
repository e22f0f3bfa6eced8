import { expect, test } from 'vitest'
import {
  firstRunbookStep,
  isCovered,
  runbooksFor,
} from '../../../../src/domain/runbook/runbooks-for.ts'
import type { Runbook, RunbookBinding } from '../../../../src/protocol/runbook.ts'
import { aCheck } from '../../../support/builders.ts'
import { aFinding, anIncident } from '../incident/reports.ts'

const aRunbook = (id: string, binding: RunbookBinding): Runbook => ({
  id,
  title: id,
  binding,
  alert: 'It fails.',
  severity: 'SEV-2',
  prerequisites: [],
  steps: [{ what: `First of ${id}.` }],
  escalation: 'The owner.',
})

const runbooks = [
  aRunbook('of-the-service', { services: ['storefront'] }),
  aRunbook('of-the-kind', { kinds: ['journey'] }),
  aRunbook('of-the-check', { checks: ['checkout-stop'] }),
  aRunbook('of-vendors', { layers: ['vendors'] }),
  aRunbook('of-the-query', { queries: ['disk'] }),
  aRunbook('of-regions', { findings: ['region_silent'] }),
  aRunbook('of-payments', { services: ['payments'] }),
]
const fleet = { runbooks, checks: [aCheck('journey', { id: 'checkout-stop' })] }

test.each([
  {
    finding: aFinding(),
    expected: ['of-the-check', 'of-the-kind', 'of-the-service'],
    why: 'the most exact comes first',
  },
  {
    finding: aFinding({
      key: 'signal:vendor-pay:API',
      kind: 'signal',
      layer: 'vendors',
      checkId: undefined,
    }),
    expected: ['of-vendors', 'of-the-service'],
    why: 'a signal is known by its layer',
  },
  {
    finding: aFinding({ key: 'signal:query-disk:number', kind: 'signal', checkId: undefined }),
    expected: ['of-the-query', 'of-the-service'],
    why: 'and one of our queries by its name',
  },
  {
    finding: aFinding({ serviceId: 'payments' }),
    expected: ['of-the-check', 'of-the-kind', 'of-payments'],
    why: 'a finding that came from elsewhere is of the service that it came from',
  },
])('$why', ({ finding, expected }) => {
  expect(runbooksFor(anIncident(finding), fleet).map(({ runbook }) => runbook.id)).toEqual(expected)
})

test('without findings the service decides, and what is clear counts only when nothing else is open', () => {
  const incident = anIncident(aFinding())
  const clear = {
    ...incident,
    findings: incident.findings.map((one) => ({ ...one, clearedAt: 1 })),
  }
  expect(runbooksFor(clear, fleet)[0]?.runbook.id).toBe('of-the-check')
  expect(runbooksFor({ ...incident, findings: [] }, fleet)).toMatchObject([
    { runbook: { id: 'of-the-service' }, because: 'it is for the service storefront' },
  ])
})

test('the first step is what a page says, with where the rest stands', () => {
  expect(firstRunbookStep(anIncident(aFinding()), fleet)).toEqual({
    runbookId: 'of-the-check',
    title: 'of-the-check',
    step: 'First of of-the-check.',
    path: '/runbooks/of-the-check',
  })
  expect(firstRunbookStep(anIncident(aFinding()), { checks: fleet.checks })).toBeUndefined()
})

test('a check is covered by a runbook of its own, its kind, its service, or any failing check', () => {
  const check = { id: 'search', kind: 'http' as const, serviceId: 'storefront' }
  expect(isCovered(check, [aRunbook('a', { kinds: ['http'] })])).toBe(true)
  expect(isCovered(check, [aRunbook('a', { findings: ['check_failing'] })])).toBe(true)
  expect(isCovered(check, [aRunbook('a', { kinds: ['tls'], findings: ['region_silent'] })])).toBe(
    false,
  )
})
