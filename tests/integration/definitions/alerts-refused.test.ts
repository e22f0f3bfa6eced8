import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CHECK_FILE, fleetFolder } from './fleet-folder.ts'

/** Alert rules that could never fire, or that say nothing. */

const HTTP = `service: shop
checks:
  - id: home
    kind: http
    url: https://shop.test/
    every: 30s
`

async function problemsOf(checks: string, regions?: string): Promise<string[]> {
  const files = {
    [CHECK_FILE]: checks,
    'probes/shop/buy.journey.ts': undefined,
    ...(regions && { 'config/regions.yaml': regions }),
  }
  const loaded = await loadFleet(await fleetFolder(files), {})
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

test.each([
  {
    alert: '{ ratio: { above: 5 } }',
    problem: '7:30: "above" cannot be 5; expected a share such as 5%',
  },
  {
    alert: '{ regions: 1, regionsMin: 2 }',
    problem: '7:26: "regions" and "regionsMin" both say how many; expected one',
  },
  {
    alert: '{ regions: 3 }',
    problem:
      '7:23: "regions" 3 can never be reached: the check runs in 2 regions; expected at most 2',
  },
  {
    alert: '{ failures: { count: 6, of: 5 } }',
    problem: '7:33: 6 of 5 runs can never be reached; expected at most 5',
  },
  {
    alert: '{ ratio: { above: 5%, within: 2m, samplesMin: 20 } }',
    problem:
      '7:58: 20 runs never come within 2m: the check makes 8; expected a longer "within", or a smaller "samplesMin"',
  },
  {
    alert: '{ ratio: { above: 5%, within: 1d, for: 1d } }',
    problem:
      '7:21: 2d hold 11520 runs of the check; expected at most 5000: a shorter "within" or "for"',
  },
  {
    alert: '{ noData: { after: 50s } }',
    problem: '7:31: "after" 50s is no silence of a check that runs every 30s; expected at least 1m',
  },
  {
    alert: '{ ratio: { above: 5%, for: 2d } }',
    problem: '7:39: "for" is too long with 2d; expected at most 1d',
  },
])('$alert', async ({ alert, problem }) => {
  expect(await problemsOf(`${HTTP}    alert: ${alert}\n`)).toContain(`${CHECK_FILE}:${problem}`)
})

test('regions of one provider cannot reach a quorum of independent ones', async () => {
  const regions =
    'regions:\n  - { id: eu-west, provider: acme }\n  - { id: us-east, provider: acme }\n'
  const rule = `${HTTP}    alert: { regions: 2, independent: true }\n`
  expect(await problemsOf(rule, regions)).toEqual([
    `${CHECK_FILE}:7:23: "regions" 2 can never be reached: the check runs in 1 independent network; expected at most 1`,
  ])
  expect(await problemsOf(rule, regions.replace('provider: acme', 'provider: other'))).toEqual([])
})

test('a rule with everything is understood', async () => {
  const rule = `${HTTP}    alert:
      failuresToFire: 5
      regions: 50%
      failures: { count: 3, of: 5 }
      ratio: { above: 5%, within: 10m, for: 3m, samplesMin: 20, severity: SEV-2 }
      latency: { above: 5x baseline, percentile: p95, within: 10m, for: 5m }
      degraded: { count: 3, of: 3, severity: SEV-4 }
      noData: { after: 5m }
      flapping: { changes: 4, within: 1h, quietFor: 10m }
      severity: SEV-2
`
  expect(await problemsOf(rule)).toEqual([])
})
