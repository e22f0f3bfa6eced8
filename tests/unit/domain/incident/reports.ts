import { applyEvents } from '../../../../src/domain/incident/fold-incident.ts'
import { type FindingReport, reportFinding } from '../../../../src/domain/incident/transition.ts'
import type { SeverityRule } from '../../../../src/protocol/config.ts'
import type {
  Evidence,
  Finding,
  Incident,
  IncidentEvent,
} from '../../../../src/protocol/incident.ts'
import { at } from '../../../support/builders.ts'

export const NOW = at('2026-03-13T15:00:00Z')
export const MINUTE = 60_000
export const VERIFY_FOR_MS = 30 * MINUTE

export const RULES: SeverityRule[] = [
  {
    when: { finding: 'check_failing', tier: 'core', scope: 'global' },
    severity: 'SEV-1',
    because: 'The business stops without it.',
  },
  { when: { tier: 'core' }, severity: 'SEV-2', because: 'Some customers cannot buy.' },
  { when: {}, severity: 'SEV-4', because: 'It can wait for the morning.' },
]

/** A valid finding; a test states only what matters to it. */
export const aFinding = (overrides: Partial<Finding> = {}): Finding => ({
  key: 'check:checkout-stop',
  kind: 'check_failing',
  subject: 'checkout-stop',
  checkId: 'checkout-stop',
  tier: 'core',
  scope: 'regional',
  regions: ['eu-west'],
  regionsWatching: 3,
  since: NOW - MINUTE,
  reason: 'failed 3 times in a row in eu-west, passes in us-east and ap-south',
  ...overrides,
})

export const globally = (overrides: Partial<Finding> = {}) =>
  aFinding({ scope: 'global', regions: ['eu-west', 'us-east', 'ap-south'], ...overrides })

export const someEvidence = (
  regionId = 'eu-west',
  overrides: Partial<Evidence> = {},
): Evidence => ({
  runId: '0190a0d0-0000-7000-8000-000000000001',
  checkId: 'checkout-stop',
  checkKind: 'journey',
  regionId,
  slotAt: NOW - MINUTE,
  startedAt: NOW - MINUTE + 40,
  errorType: 'journey.step',
  message: 'HTTP 502\n  at page.goto',
  step: 'go to checkout',
  screenshot: 'go-to-checkout.png',
  ...overrides,
})

export const aReport = (overrides: Partial<FindingReport> = {}): FindingReport => ({
  finding: aFinding(),
  evidence: [],
  severityRules: RULES,
  serviceId: 'storefront',
  title: 'Storefront: checkout-stop fails',
  now: NOW,
  ...overrides,
})

/** What the events make of the incident; they must be enough to open one. */
export function after(incident: Incident | undefined, events: readonly IncidentEvent[]): Incident {
  const folded = applyEvents('INC-42', incident, events)
  if (!folded) throw new Error('nothing opened the incident')
  return folded
}

/** An incident with the given findings reported, in this order. */
export function anIncident(...findings: Finding[]): Incident {
  const reported = findings.length > 0 ? findings : [aFinding()]
  let incident: Incident | undefined
  for (const finding of reported)
    incident = after(incident, reportFinding(incident, aReport({ finding })))
  if (!incident) throw new Error('at least one finding was reported')
  return incident
}

export const typesOf = (events: readonly IncidentEvent[]) => events.map(({ type }) => type)
