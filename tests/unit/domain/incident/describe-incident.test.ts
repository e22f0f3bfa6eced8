import { expect, test } from 'vitest'
import { describeIncident, titleFor } from '../../../../src/domain/incident/describe-incident.ts'
import { clearFinding, reportFinding } from '../../../../src/domain/incident/transition.ts'
import type { Evidence, Finding } from '../../../../src/protocol/incident.ts'
import { aFinding, after, anIncident, aReport, globally, NOW, someEvidence } from './reports.ts'

const withEvidence = (finding: Finding, ...evidence: Evidence[]) =>
  after(undefined, reportFinding(undefined, aReport({ finding, evidence })))

const named = (subject: string, overrides: Partial<Finding> = {}) =>
  globally({ key: `check:${subject}`, subject, ...overrides })

const silent = (region: string) =>
  aFinding({ key: `region:${region}`, kind: 'region_silent', subject: region, regions: [region] })

const signal = (subject: string) =>
  aFinding({ key: `signal:${subject}`, kind: 'signal', subject, source: { name: 'Alertmanager' } })

const network = someEvidence('eu-west', { checkKind: 'http', message: 'connection refused' })
const { step: _, ...withoutStep } = network

test.each([
  {
    incident: withEvidence(globally(), someEvidence()),
    says: 'checkout-stop fails in 3 of 3 regions, step "go to checkout": HTTP 502',
  },
  {
    incident: withEvidence(globally(), withoutStep),
    says: 'checkout-stop fails in 3 of 3 regions: connection refused',
  },
  { incident: withEvidence(globally()), says: 'checkout-stop fails in 3 of 3 regions' },
  {
    incident: withEvidence(aFinding(), withoutStep),
    says: 'checkout-stop fails in eu-west (1 of 3 regions): connection refused',
  },
  {
    incident: anIncident(aFinding({ regionsWatching: 1 })),
    says: 'checkout-stop fails in eu-west, the only region that watches it',
  },
  {
    incident: anIncident(named('search'), named('cart')),
    says: '2 checks fail in every region; first: search and cart',
  },
  {
    incident: anIncident(named('search'), named('cart', { regions: ['eu-west'] })),
    says: '2 checks fail in eu-west, us-east and ap-south; first: search and cart',
  },
  {
    incident: anIncident(aFinding(), aFinding({ key: 'check:cart', subject: 'cart' })),
    says: '2 checks fail in eu-west; first: checkout-stop and cart',
  },
  {
    incident: anIncident(...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => named(name))),
    says: '7 checks fail in every region; first: a, b, c and 4 more',
  },
  { incident: anIncident(silent('ap-south')), says: 'Region ap-south is silent' },
  { incident: anIncident(signal('5xx above 5 %')), says: 'Alertmanager: 5xx above 5 %' },
  {
    incident: anIncident(globally(), signal('5xx above 5 %'), signal('disk is full')),
    says: 'checkout-stop fails in 3 of 3 regions; 2 signals: 5xx above 5 % and disk is full',
  },
  {
    incident: anIncident(globally({ kind: 'objective_burning', subject: 'availability' })),
    says: 'availability: budget burns too fast',
  },
  {
    incident: anIncident(silent('ap-south'), silent('eu-west')),
    says: 'Regions ap-south and eu-west are silent',
  },
  {
    incident: anIncident(globally(), silent('ap-south')),
    says: 'checkout-stop fails in 3 of 3 regions; region ap-south is silent',
  },
])('$says', ({ incident, says }) => {
  expect(describeIncident(incident)).toBe(says)
})

test('says that all is clear', () => {
  const incident = anIncident()
  const events = clearFinding(incident, 'check:checkout-stop', 'passed', NOW, 60_000)
  expect(describeIncident(after(incident, events))).toBe('All findings are clear.')
})

test('takes the number of regions from the caller where the finding does not know it', () => {
  expect(describeIncident(anIncident(aFinding({ regionsWatching: 0 })), 4)).toBe(
    'checkout-stop fails in eu-west (1 of 4 regions)',
  )
})

test('stays one line, however long the error is', () => {
  const long = { ...withoutStep, message: `${'x'.repeat(4_000)}\nand more` }
  const headline = describeIncident(withEvidence(globally(), long))
  expect(headline.length).toBeLessThan(220)
  expect(headline).toMatch(/x…$/)
})

test.each([
  { finding: aFinding(), title: 'storefront: checkout-stop fails' },
  { finding: silent('ap-south'), title: 'storefront: region ap-south is silent' },
])('the title is $title', ({ finding, title }) => {
  expect(titleFor('storefront', finding)).toBe(title)
})
