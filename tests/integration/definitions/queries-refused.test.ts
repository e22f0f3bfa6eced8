import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { fleetFolder } from './fleet-folder.ts'

/** What `config/queries.yaml` may say, and what is hardly meant. */

const load = async (text: string) =>
  loadFleet(await fleetFolder({ 'config/queries.yaml': `queries:\n${text}` }), {})
const query = (more: string, kind = 'prometheus') =>
  `  - { id: q, service: shop, kind: ${kind}, url: http://p:9090, ${more} }\n`

test.each([
  { text: query('query: up'), problem: 'nothing is done with its number' },
  { text: query('query: up, impact: users'), problem: 'an estimate without its source' },
  {
    text: query(
      'region: eu-west-1, secret: AWS, logGroups: [a], alert: { above: 1 }, every: 30s',
      'cloudwatch',
    ),
    problem: 'costs money',
  },
  {
    text: query(
      'region: eu-west-1, secret: AWS, logGroups: [a], alert: { above: 1 }, pattern: disk-full, query: x',
      'cloudwatch',
    ),
    problem: 'in all events of the log groups',
  },
  {
    text: query('region: europe, secret: AWS, logGroups: [a], alert: { above: 1 }', 'cloudwatch'),
    problem: 'a region such as eu-west-1',
  },
  { text: query('query: up, alert: { for: 1m }'), problem: 'at least one of above and below' },
  { text: query('query: up, alert: { above: 1 }, every: 1ms'), problem: 'at least 1s' },
  { text: query('query: up, alert: { above: 1, samplesMin: 5 }'), problem: 'is for shares' },
  { text: query('alert: { above: 1 }', 'elasticsearch'), problem: '"index"' },
  {
    text: query('query: up, alert: { above: 1 }, pattern: disk-fool', 'loki'),
    problem: 'disk-full',
  },
  {
    text: query('query: up, ratioOf: up, pattern: disk-full, alert: { above: 1 }', 'loki'),
    problem: 'is a share already',
  },
  {
    text: query('query: sum(e), by: zone, alert: { above: 1 }'),
    problem: 'it gives one number, and not one for each zone',
  },
  {
    text: query(
      "query: 'sum by (zone) (a)', ratioOf: 'sum by (zones) (b)', by: zone, alert: { above: 1 }",
    ),
    problem: 'sum by (zone) (…) in each query',
  },
  {
    text: query("query: 'sum by (zone) (a)', by: zone, impact: users, means: x"),
    problem: 'either "by" or "impact"',
  },
  {
    text: query('query: up, alert: { above: 1 }, scrape: { up: "sum(up)", interval: 15s }'),
    problem: 'it is no selector, so that its scrapes cannot be counted',
  },
  {
    text: query('query: up, alert: { above: 1 }, scrape: { up: up, interval: 2m }'),
    problem: 'a single late scrape would be a gap',
  },
  {
    text: query('query: up, alert: { above: 1 }, scrape: { up: up, interval: 1ms }'),
    problem: 'at least 1s',
  },
  {
    text: query('query: a, ratioOf: b, alert: { above: 0.1 }, unit: events'),
    problem: 'its number is a share, and not one of events',
  },
  { text: query('query: a, alert: { above: 5 }, unit: share'), problem: 'no share is above 1' },
  {
    text: query('query: up, alert: { below: 1, timesBaseline: 5 }'),
    problem: 'where nothing is usual, anything at all would be too much',
  },
  {
    text: query("query: 'sum by (zone) (e)', by: zone, alert: { above: 1, timesBaseline: 5 }"),
    problem: 'what is usual is one number',
  },
  { text: query('query: up, by: "a b", alert: { above: 1 }'), problem: 'a label such as zone' },
  {
    text: query('query: up, alert: { above: 1 }').replace('shop', 'shopp'),
    problem: 'did you mean "shop"?',
  },
])('$text', async ({ text, problem }) => {
  const loaded = await load(text)
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(problems).toHaveLength(1)
  expect(problems).toEqual([expect.stringContaining(problem)])
})

const services = (throughput: string) =>
  `services:\n  - { id: shop, tier: core, throughput: { ${throughput} } }\n`

test.each([
  { why: 'nobody counts', throughput: 'query: orders', problem: 'unknown query "orders"' },
  {
    why: 'is a share',
    throughput: 'query: q',
    queries: query('query: up, ratioOf: up'),
    problem: 'is a share or that of one label, whatever is done',
  },
  {
    why: 'must be more than all',
    throughput: 'query: q, atLeast: 120%',
    queries: query('query: up'),
    problem: 'a share up to 100%, such as 80%',
  },
])('a throughput that $why is refused', async ({ throughput, queries = '  []\n', problem }) => {
  const files = {
    'config/services.yaml': services(throughput),
    'config/queries.yaml': `queries:\n${queries}`,
  }
  const loaded = await loadFleet(await fleetFolder(files), {})
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(problems).toEqual([expect.stringContaining(problem)])
})

const COUNTING = {
  good: 'sum(increase(r{ok="1"}[5m])) or vector(0)',
  total: 'sum(increase(r[5m]))',
}
const trafficFiles = (objective: string, more: { good?: string; total?: string } = {}) => ({
  'config/services.yaml': `services:\n  - { id: shop, tier: core, objectives: [{ name: orders, target: 99%, ${objective} }] }\n  - { id: other, tier: core }\n`,
  'config/queries.yaml': `queries:\n${(['good', 'total'] as const)
    .map((id) => more[id] ?? `  - ${JSON.stringify({ ...PROMETHEUS, id, query: COUNTING[id] })}\n`)
    .join('')}`,
})
const PROMETHEUS = { service: 'shop', kind: 'prometheus', url: 'http://p:9090' }
const BOTH = 'traffic: { good: good, total: total }'
const counts = (id: 'good' | 'total', more: object) =>
  `  - ${JSON.stringify({ ...PROMETHEUS, id, query: COUNTING[id], ...more })}\n`

test.each([
  {
    why: 'nobody has defined',
    objective: 'traffic: { good: godo, total: total }',
    more: { good: '' },
    problem: 'unknown query "godo"',
  },
  {
    why: 'is of logs',
    more: { total: counts('total', { kind: 'loki' }) },
    problem: 'total is a query of loki',
  },
  {
    why: 'is of another service',
    more: { total: counts('total', { service: 'other' }) },
    problem: 'total is a query of the service other',
  },
  {
    why: 'is a share',
    more: { good: counts('good', { ratioOf: 'sum(increase(r[5m]))' }) },
    problem: 'good is a share or a table, and does not count',
  },
  {
    why: 'counts over another time',
    more: { total: counts('total', { query: 'sum(increase(r[1m]))' }) },
    problem: 'total counts over [1m]',
  },
  {
    why: 'is a rate',
    more: { total: counts('total', { query: 'sum(rate(r[5m]))' }) },
    problem: 'gives requests a second',
  },
  {
    why: 'makes a gap look like no traffic',
    more: { total: counts('total', { query: 'sum(increase(r[5m])) or vector(0)' }) },
    problem: 'a gap would look like no traffic',
  },
  {
    why: 'stands beside checks',
    objective: `${BOTH}, checks: [buy]`,
    problem: '"checks" is about runs of probes',
  },
  {
    why: 'stands beside a latency',
    objective: `${BOTH}, latency: 1s`,
    problem: '"latency" is about runs of probes',
  },
])('traffic that $why is refused', async ({ objective = BOTH, more = {}, problem }) => {
  const loaded = await loadFleet(await fleetFolder(trafficFiles(objective, more)), {})
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(problems).toEqual([expect.stringContaining(problem)])
  expect(problems[0]).toContain('config/services.yaml:2:')
})

test.each([
  { why: 'with increase', query: COUNTING.total },
  { why: 'with a rate that is made a count', query: 'sum(rate(r{x="[1m] rate("}[5m])) * 300' },
  { why: 'by a rule that records it', query: 'shop:requests:increase5m' },
])('traffic is counted $why, and its queries need no alert', async ({ query }) => {
  const files = trafficFiles(BOTH, { total: counts('total', { query }) })
  const loaded = await loadFleet(await fleetFolder(files), {})
  expect(loaded.ok && loaded.fleet.objectives).toMatchObject([
    { id: 'shop/orders', checks: [], traffic: { good: 'good', total: 'total' } },
  ])
})

test('a query that a service counts by needs no alert', async () => {
  const files = {
    'config/services.yaml': services('query: q, required: true'),
    'config/queries.yaml': `queries:\n${query('query: up')}`,
  }
  const loaded = await loadFleet(await fleetFolder(files), {})
  expect(loaded.ok && loaded.fleet.services[0]?.throughput).toEqual({
    queryId: 'q',
    shareMin: 0.8,
    isRequired: true,
  })
})

test.each([
  { why: 'a count', query: 'sum(increase(errors_total[5m]))', isRefused: true },
  { why: 'a rate', query: 'sum(rate(requests{code=~\\"5../x\\"}[5m]))', isRefused: true },
  { why: 'a recorded rule', query: 'orders:errors:ratio5m', isRefused: true },
  { why: 'a share', query: 'sum(rate(errors[5m])) / sum(rate(all[5m]))', isRefused: false },
  {
    why: 'a comparison',
    query: 'sum(rate(errors[5m])) - sum(rate(errors[5m] offset 1w))',
    isRefused: false,
  },
  { why: 'no errors', query: 'sum(queue_length)', isRefused: false },
  {
    why: 'a recorded share, as it says',
    query: 'orders:errors:ratio5m',
    more: ', unit: share',
    above: 0.01,
    isRefused: false,
  },
  {
    why: 'compared with what is usual',
    query: 'sum(increase(errors_total[5m]))',
    baseline: ', timesBaseline: 3',
    isRefused: false,
  },
  {
    why: 'no share of traffic, as it says',
    query: 'sum(increase(batch_failures_total[5m]))',
    more: ', unit: events',
    isRefused: false,
  },
])('an alert on errors, which is $why: refused $isRefused', async (given) => {
  const { query: text, more = '', baseline = '', above = 5, isRefused } = given
  const loaded = await load(query(`query: "${text}", alert: { above: ${above}${baseline} }${more}`))
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(problems).toEqual(isRefused ? [expect.stringContaining('config/queries.yaml:2:')] : [])
  // It says how to mend it.
  for (const problem of problems)
    for (const way of ['"ratioOf"', '"timesBaseline"', 'offset', '"unit: share"', '"unit: events"'])
      expect(problem).toContain(way)
})

test('a count of log lines with errors is refused as well', async () => {
  for (const text of [
    query('index: "logs-*", query: "level:error", alert: { above: 5 }', 'elasticsearch'),
    query(
      `query: 'sum(count_over_time({app="a"} |= "timeout" [5m]))', alert: { above: 5 }`,
      'loki',
    ),
  ]) {
    const loaded = await load(text)
    const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
    expect(problems).toEqual([expect.stringContaining('a bare count of errors')])
  }
})

test('CloudWatch is asked seldom, and within a budget', async () => {
  const written =
    'region: eu-west-1, secret: AWS, logGroups: [a], alert: { above: 1 }, scanMax: 1.5GB'
  const loaded = await load(query(written, 'cloudwatch'))
  expect(loaded).toMatchObject({
    ok: true,
    fleet: { queries: [{ everyMs: 300_000, scanBytesMax: 1.5 * 1024 ** 3 }] },
  })
})

test('scrapes are looked at over five minutes where it is not written otherwise', async () => {
  const loaded = await load(
    query('query: up, alert: { above: 1 }, scrape: { up: \'up{job="a"}\', interval: 15s }'),
  )
  expect(loaded.ok && loaded.fleet.queries?.[0]).toMatchObject({
    scrape: { up: 'up{job="a"}', intervalMs: 15_000, overMs: 300_000 },
  })
})

test('what is not written has its usual value', async () => {
  const loaded = await load(
    query('query: "{app=\\"x\\"}", pattern: disk-full, alert: { above: 0.1 }', 'loki'),
  )
  expect(loaded).toMatchObject({
    ok: true,
    fleet: {
      queries: [
        {
          ...{ id: 'q', name: 'q', kind: 'loki', serviceId: 'shop', pattern: 'disk-full' },
          ...{ everyMs: 60_000, overMs: 300_000, alert: { above: 0.1, forMs: 180_000 } },
        },
      ],
    },
  })
})
