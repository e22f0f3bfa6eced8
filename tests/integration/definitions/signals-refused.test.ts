import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { fleetFolder } from './fleet-folder.ts'

/** What `config/signals.yaml` says besides its sources. */

async function load(text: string) {
  const files = { 'config/signals.yaml': `sources: []\n${text}` }
  const loaded = await loadFleet(await fleetFolder(files), {})
  return loaded.ok ? loaded.fleet : loaded.problems.map(formatProblem)
}

test.each([
  { text: 'changes: {}\n', problem: '"secret"' },
  { text: 'changes: { secret: hunter2 }\n', problem: 'the name of a secret' },
  { text: 'reports: { count: 0 }\n', problem: '2:19' },
  { text: 'reports: { within: 1s }\n', problem: 'at least 10s' },
  {
    text: 'vendors:\n  - { id: a, url: https://status.test, service: shopp }\n',
    problem: 'did you mean "shop"?',
  },
  {
    text: 'vendors:\n  - { id: a, url: ftp://status.test, service: shop }\n',
    problem: 'https://status.example.com',
  },
  {
    text: 'vendors:\n  - { id: a, url: https://status.test, service: shop, every: 1ms }\n',
    problem: 'at least 1s',
  },
  {
    text: 'vendors:\n  - { id: a, url: https://s.test, service: shop }\n  - { id: a, url: https://t.test, service: shop }\n',
    problem: 'vendor',
  },
])('$text', async ({ text, problem }) => {
  const problems = await load(text)
  expect(problems).toHaveLength(1)
  expect(problems).toEqual([expect.stringContaining('config/signals.yaml:')])
  expect(problems).toEqual([expect.stringContaining(problem)])
})

test('an id that is one of our own sources is refused', async () => {
  const files = {
    'config/signals.yaml':
      'sources:\n  - { id: vendor-x, kind: grafana, secret: TOKEN, service: shop }\n',
  }
  const loaded = await loadFleet(await fleetFolder(files), {})
  expect(!loaded.ok && loaded.problems.map(formatProblem)).toEqual([
    expect.stringContaining('expected another id'),
  ])
})

test('what is not written has its usual value', async () => {
  expect(
    await load(
      'changes: { secret: CHANGE_TOKEN }\nreports: { count: 5 }\nvendors:\n  - { id: pay, url: https://s.test/, service: shop, severities: { major: SEV-1 } }\n',
    ),
  ).toMatchObject({
    changeSecret: 'CHANGE_TOKEN',
    reportRule: { count: 5, withinMs: 900_000 },
    vendors: [
      {
        ...{ id: 'pay', name: 'pay', url: 'https://s.test', serviceId: 'shop', everyMs: 60_000 },
        severities: { minor: 'SEV-4', major: 'SEV-1', critical: 'SEV-2' },
      },
    ],
  })
})
