import { expect, test } from 'vitest'
import { type PointsToInput, pointsTo } from '../../../../src/domain/incident/points-to.ts'
import type { Finding } from '../../../../src/protocol/incident.ts'
import type { Query } from '../../../../src/protocol/query.ts'
import type { Run, RunError } from '../../../../src/protocol/run.ts'
import { aCheck, aRun } from '../../../support/builders.ts'
import { aFinding, anIncident, globally, MINUTE, NOW } from './reports.ts'

const checks = [
  aCheck('http', { id: 'checkout-stop', serviceId: 'storefront' }),
  aCheck('heartbeat', { id: 'stock-export', name: 'Stock export', serviceId: 'storefront' }),
]
const query: Query = {
  ...{ id: 'order-errors', name: 'Order errors', kind: 'prometheus', serviceId: 'storefront' },
  ...{ url: 'http://127.0.0.1:9090', query: 'up', everyMs: MINUTE, overMs: MINUTE },
}
const metric = aFinding({ key: 'signal:a:b', kind: 'signal', layer: 'metrics', subject: 'Errors' })
const vendor = aFinding({
  ...{ key: 'signal:v:c', kind: 'signal', layer: 'vendors', subject: 'API' },
  source: { name: 'Payments provider' },
})

const since = NOW - MINUTE
const heard = (startedAt: number, verdict: Run['verdict'] = 'passed') => ({
  ...{ checkId: 'stock-export', startedAt, verdict },
})
const failedWith = (regionId: string, type: RunError['type']) =>
  aRun({ regionId, verdict: 'failed', error: { type, message: 'as it says' } })
const timedOut = (regionId: string) => failedWith(regionId, 'connect.timeout')
const shutAt = (layer: 'tcp' | 'http') => ({
  layers: [{ layer, subject: '192.0.2.1:443', isFine: false, ms: 9, message: 'no answer' }],
  firstBroken: 0,
})

const told = (findings: Finding[], overrides: Partial<PointsToInput> = {}) =>
  pointsTo({
    ...{ incident: anIncident(...findings), checks, queries: [query] },
    ...{ readings: new Map(), evidenceRuns: [], heartbeatRuns: [], ...overrides },
  })
const kindsOf = (findings: Finding[], overrides: Partial<PointsToInput>) =>
  told(findings, overrides).map(({ kind }) => kind)

const outside = [timedOut('eu-west'), timedOut('us-east')]
const inside = [heard(since + 1_000)]

test.each([
  { runs: outside, jobs: inside, is: true, why: 'nothing comes in, and the inside lives' },
  { runs: outside, jobs: [], is: false, why: 'nothing is known of the inside' },
  { runs: outside, jobs: [heard(since - 1)], is: false, why: 'it called before it began' },
  { runs: outside, jobs: [heard(since + 1, 'failed')], is: false, why: 'the inside fails as well' },
  { runs: outside.slice(1), jobs: inside, is: false, why: 'one region may have lost its own way' },
  {
    runs: [...outside, failedWith('ap-south', 'assertion')],
    ...{ jobs: inside, is: false, why: 'somebody got an answer' },
  },
  {
    runs: ['eu-west', 'us-east'].map((regionId) => aRun({ regionId, diagnosis: shutAt('tcp') })),
    ...{ jobs: inside, is: true, why: 'a journey says so by its diagnosis' },
  },
  {
    runs: ['eu-west', 'us-east'].map((regionId) => aRun({ regionId, diagnosis: shutAt('http') })),
    ...{ jobs: inside, is: false, why: 'the connection was made' },
  },
])('inbound blocked, $is: $why', ({ runs, jobs, is }) => {
  const kinds = kindsOf([globally()], { evidenceRuns: runs, heartbeatRuns: jobs })
  expect(kinds).toEqual(is ? ['inbound_blocked'] : [])
})

test('it says from where, what lives, and where to look first', () => {
  expect(told([globally()], { evidenceRuns: outside, heartbeatRuns: inside })).toEqual([
    {
      kind: 'inbound_blocked',
      question: 'Inbound blocked?',
      words:
        'Nothing connects from eu-west and us-east, and Stock export still called from inside after that: look at firewall rules, security groups, routes and the load balancer first.',
    },
  ])
  const refused = ['eu-west', 'us-east'].map((id) => failedWith(id, 'connect.refused'))
  const [pointer] = told([globally()], { evidenceRuns: refused, heartbeatRuns: inside })
  expect(pointer?.words).toContain('or what listens there has ended')
})

test.each([
  { findings: [globally(), vendor], kinds: ['dependency'], why: 'both see it' },
  { findings: [vendor], kinds: [], why: 'the vendor alone is the finding itself' },
  { findings: [metric], kinds: ['telemetry_problem'], why: 'only a number says so' },
  { findings: [metric, globally()], kinds: [], why: 'the probes see it as well' },
])('$kinds: $why', ({ findings, kinds }) => {
  expect(kindsOf(findings, {})).toEqual(kinds)
})

test('a number that nobody watches beside is not doubted', () => {
  expect(kindsOf([metric], { checks: checks.slice(1) })).toEqual([])
})

test.each([
  { reading: { kind: 'no_data', reason: 'the result is empty' }, is: true },
  { reading: { kind: 'unknown', reason: 'it did not answer' }, is: true },
  { reading: { kind: 'number', value: 0 }, is: false },
] as const)('a query that gives $reading.kind is told: $is', ({ reading, is }) => {
  const readings = new Map([['order-errors', { at: NOW, reading }]])
  const words = told([globally()], { readings }).map((pointer) => pointer.words)
  expect(words).toEqual(
    is && 'reason' in reading
      ? [
          `Order errors gives no number (${reading.reason}), so that nothing rises there proves nothing.`,
        ]
      : [],
  )
})

test('what is over points nowhere', () => {
  const incident = { ...anIncident(globally()), state: 'restored' as const }
  expect(told([], { incident, evidenceRuns: outside, heartbeatRuns: inside })).toEqual([])
})
