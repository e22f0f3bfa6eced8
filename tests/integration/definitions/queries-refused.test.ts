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
    problem: 'is a share, whatever is done',
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
  { query: 'sum(increase(errors_total[5m]))', warns: true },
  { query: 'sum(rate(requests{code=~\\"5../x\\"}[5m]))', warns: true },
  { query: 'sum(rate(errors[5m])) / sum(rate(all[5m]))', warns: false },
  { query: 'sum(rate(errors[5m])) - sum(rate(errors[5m] offset 1w))', warns: false },
  { query: 'sum(queue_length)', warns: false },
])('a bare count of errors is warned of: $query', async ({ query: text, warns }) => {
  const loaded = await load(query(`query: "${text}", alert: { above: 5 }`))
  expect(loaded.ok).toBe(true)
  const warnings = (loaded.ok && loaded.warnings?.map(formatProblem)) || []
  expect(warnings).toEqual(warns ? [expect.stringContaining('config/queries.yaml:2:')] : [])
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
