import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { importOpenSlo } from '../../../src/definitions/import/open-slo.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { runFirewatch } from '../../support/command.ts'
import { fleetFolder } from '../definitions/fleet-folder.ts'

const SERVICES = `services:
  - id: shop
    name: Shop
    tier: core
    objectives:
      - { name: availability, target: 99.95%, over: 30d }
      - { name: quick, target: 99%, over: 7d, checks: [buy], latency: 1500ms }
`

test('objectives that are exported and imported are the same', async () => {
  const folder = await fleetFolder({ 'config/services.yaml': SERVICES })
  const exported = await runFirewatch(['export', 'openslo', folder], { folder })
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(exported.stdout).toContain('apiVersion: openslo/v1')

  const file = join(folder, 'slos.yaml')
  await writeFile(file, exported.stdout)
  const imported = await runFirewatch(['import', 'openslo', file], { folder })
  expect(imported).toMatchObject({ code: 0, stderr: '' })
  const again = await fleetFolder({
    'config/services.yaml': imported.stdout.replace('tier: standard', 'tier: core'),
  })
  const [before, after] = await Promise.all([loadFleet(folder, {}), loadFleet(again, {})])
  if (!before.ok || !after.ok) throw new Error('both are valid')
  expect(after.fleet.objectives).toEqual(before.fleet.objectives)
  expect(after.fleet.services).toEqual(before.fleet.services)
})

/** As other tools write it. */
const FOREIGN = `apiVersion: openslo/v1
kind: Service
metadata: { name: Web Shop, displayName: Web shop }
spec: { description: x }
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: availability
  labels: { team: [shop] }
spec:
  service: Web Shop
  indicatorRef: availability-sli
  indicator:
    metadata: { name: sli }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: Datadog, spec: { query: a } } }
        total: { metricSource: { type: Datadog, spec: { query: b } } }
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Timeslices
  objectives:
    - { displayName: Good, target: 0.999, timeSliceTarget: 0.9 }
    - { targetPercent: 95 }
  alertPolicies: [{ alertPolicyRef: x }]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: monthly }
spec:
  service: Web Shop
  timeWindow: [{ duration: 1M, calendar: { startTime: 2020-01-01, timeZone: UTC } }]
  objectives: [{ target: 1.5 }]
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: x }
`

test('what has no equivalent is said, with its place', () => {
  const { files, leftOut } = importOpenSlo({ file: 'slos.yaml', text: FOREIGN })
  expect(files[0]?.content).toContain('name: Web shop')
  expect(files[0]?.content).toMatch(/name: availability\n\s+target: 99.9%\n\s+over: 28d/)
  expect(files[0]?.content).toMatch(/name: availability-2\n\s+target: 95%/)
  const places = leftOut.map(({ place, why }) => `${place}: ${why}`)
  for (const said of [
    'slos.yaml: document 2.spec.indicator: is not imported: the runs of the service’s checks are counted',
    'slos.yaml: document 2.spec.budgetingMethod: Timeslices: runs are counted here, as with Occurrences',
    'slos.yaml: document 2.spec.objectives[0].timeSliceTarget: has no equivalent',
    'slos.yaml: document 2.spec.alertPolicies: has no equivalent',
    'slos.yaml: document 2.spec.indicatorRef: has no equivalent',
    'slos.yaml: document 3.spec.timeWindow[0].duration: is no rolling window; 28d is taken of 7d, 28d, 30d',
    'slos.yaml: document 3.spec.objectives[0].target: is no share between 0 and 1',
    'slos.yaml: document 4.kind: AlertPolicy of openslo/v1 is not imported',
  ])
    expect(places).toContain(said)
})

const TRAFFIC = `services:
  - id: shop
    name: Shop
    tier: core
    objectives:
      - { name: orders, target: 99.9%, traffic: { good: orders-good, total: orders-all } }
      - { name: availability, target: 99%, over: 7d, checks: [buy] }
`
const QUERIES = `queries:
  - { id: orders-good, service: shop, kind: prometheus, url: http://p:9090, secret: PROMETHEUS, query: 'sum(increase(orders_total{code!~"5.."}[5m])) or vector(0)' }
  - { id: orders-all, service: shop, kind: prometheus, url: http://p:9090, secret: PROMETHEUS, query: 'sum(increase(orders_total[5m]))' }
`

test('objectives of traffic are exported and imported with their queries', async () => {
  const folder = await fleetFolder({
    'config/services.yaml': TRAFFIC,
    'config/queries.yaml': QUERIES,
  })
  const exported = await runFirewatch(['export', 'openslo', folder], { folder })
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  const { files, leftOut } = importOpenSlo({ file: 'slos.yaml', text: exported.stdout })
  expect(leftOut).toEqual([])
  const written = Object.fromEntries(
    files.map(({ path, content }) => [path, content.replace('tier: standard', 'tier: core')]),
  )
  const again = await fleetFolder(written)
  const [before, after] = await Promise.all([loadFleet(folder, {}), loadFleet(again, {})])
  if (!before.ok || !after.ok) throw new Error('both are valid')
  expect(after.fleet.objectives).toEqual(before.fleet.objectives)
  expect(after.fleet.queries).toEqual(before.fleet.queries)
  expect(after.fleet.objectives[0]).toMatchObject({
    ...{ id: 'shop/orders', checks: [] },
    traffic: { good: 'orders-good', total: 'orders-all' },
  })
})

const ratio = (good: string, total: string, counter = 'true') => `apiVersion: openslo/v1
kind: SLO
metadata: { name: availability }
spec:
  service: shop
  indicator:
    metadata: { name: sli }
    spec: { ratioMetric: { counter: ${counter}, good: { metricSource: ${good} }, total: { metricSource: ${total} } } }
  timeWindow: [{ duration: 4w, isRolling: true }]
  objectives: [{ target: 0.999 }]
---
apiVersion: openslo/v1
kind: DataSource
metadata: { name: metrics }
spec: { type: Prometheus, connectionDetails: { url: 'http://metrics:9090' } }
`
const source = (query: string, more = 'type: Prometheus') =>
  `{ ${more}, spec: { query: '${query}' } }`

test.each([
  {
    why: 'counters are counted over five minutes',
    slo: ratio(source('sum(r{code="200"})', 'metricSourceRef: metrics'), source('sum(r)')),
    queries: ['sum(increase(r{code="200"}[5m]))', 'sum(increase(r[5m]))'],
  },
  {
    why: 'what is no plain sum is counted as a whole',
    slo: ratio(source('sum(r) - sum(e)'), source('sum(r)')),
    queries: ['increase((sum(r) - sum(e))[5m:30s])', 'sum(increase(r[5m]))'],
  },
  {
    why: 'what counts over five minutes stays as it is',
    slo: ratio(source('sum(increase(r{ok="1"}[5m]))'), source('sum(increase(r[5m]))'), 'false'),
    queries: ['sum(increase(r{ok="1"}[5m]))', 'sum(increase(r[5m]))'],
  },
])('a ratio of Prometheus: $why', ({ slo, queries }) => {
  const { files, leftOut } = importOpenSlo({ file: 'slos.yaml', text: slo })
  const { queries: written } = parse(files[1]?.content ?? '')
  expect(written.map(({ query }: { query: string }) => query)).toEqual(queries)
  expect(written[0].url).toBe(
    slo.includes('metricSourceRef') ? 'http://metrics:9090' : 'http://prometheus:9090',
  )
  expect(files[0]?.content).toMatch(
    /traffic:\s+good: shop-availability-good\s+total: shop-availability-total/,
  )
  expect(leftOut.map(({ why }) => why)).toContain(
    'is not said: http://prometheus:9090 stands in queries.yaml, where you put yours',
  )
})

test.each([
  { why: 'over another time', query: 'sum(rate(r[1h]))', counter: 'true' },
  { why: 'of no counter', query: 'sum(r)', counter: 'false' },
])('a ratio $why is left out, and said', ({ query, counter }) => {
  const slo = ratio(source(query), source(query), counter)
  const { files, leftOut } = importOpenSlo({ file: 'slos.yaml', text: slo })
  expect(files).toHaveLength(1)
  expect(leftOut.map(({ place, why }) => `${place}: ${why}`)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('good.metricSource.spec.query: does not count over [5m]'),
      expect.stringContaining('indicator: is not imported'),
    ]),
  )
})

test.each(['a: [', 'kind: Pod\n', ''])('%j is no SLO', (text) => {
  expect(() => importOpenSlo({ file: 'slos.yaml', text })).toThrow(/^slos\.yaml: /)
})
