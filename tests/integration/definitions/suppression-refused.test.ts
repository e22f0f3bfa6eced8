import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { fleetFolder } from './fleet-folder.ts'

/** Planned work that never comes or covers nothing, and services that need what they cannot. */

async function load(files: Record<string, string>) {
  const loaded = await loadFleet(await fleetFolder(files), {})
  return loaded.ok ? loaded.fleet : loaded.problems.map(formatProblem)
}
const window = (text: string) =>
  load({
    'config/maintenance.yaml': `windows:\n  - id: upgrade\n    reason: It is upgraded.\n${text}`,
  })

const WHEN =
  'the window does not say when it is; expected either "from" and "until", or "cron" and "lasts" with perhaps "timeZone"'

test.each([
  { text: '    services: [shop]\n', problem: `2:5: ${WHEN}` },
  { text: '    from: 2026-12-01T22:00:00Z\n', problem: `2:5: ${WHEN}` },
  {
    text: '    from: 2026-12-01T22:00:00Z\n    until: 2026-12-01T23:00:00Z\n    lasts: 1h\n',
    problem: `2:5: ${WHEN}`,
  },
  {
    text: '    from: 2026-12-01T22:00:00Z\n    until: 2026-12-01T22:00:00+01:00\n',
    problem: '5:12: "until" 2026-12-01T22:00:00+01:00 is not after "from"',
  },
  {
    text: '    from: 2026-12-01\n    until: 2026-12-02T22:00:00Z\n',
    problem:
      '4:11: "from" cannot be "2026-12-01"; expected a time such as 2026-12-01T22:00:00+01:00',
  },
  {
    text: "    cron: '99 * * * *'\n    lasts: 1h\n",
    problem:
      '4:11: "99 * * * *" is no cron expression; expected five fields: minute hour day-of-month month day-of-week',
  },
  {
    text: "    cron: '0 3 * * *'\n    lasts: 1h\n    timeZone: Europe/Berln\n",
    problem: '6:15: "Europe/Berln" is no IANA time zone; expected a name such as Europe/Berlin',
  },
  {
    text: "    cron: '0 3 * * *'\n    lasts: 1h\n    services: [shopp]\n",
    problem: '6:16: unknown service "shopp"; did you mean "shop"?',
  },
  {
    text: "    cron: '0 3 * * *'\n    lasts: 1h\n    checks: [bye]\n    regions: [eu-west]\n",
    problem: '6:14: unknown check "bye"; expected "buy"',
  },
])('$text', async ({ text, problem }) => {
  expect(await window(text)).toEqual([`config/maintenance.yaml:${problem}`])
})

test('planned work is understood', async () => {
  expect(
    await window(
      "    cron: '0 3 * * *'\n    lasts: 1h\n    timeZone: Europe/Berlin\n    checks: [buy]\n",
    ),
  ).toMatchObject({
    maintenance: [
      {
        id: 'upgrade',
        reason: 'It is upgraded.',
        scope: { checks: ['buy'] },
        when: {
          kind: 'cron',
          expression: '0 3 * * *',
          timeZone: 'Europe/Berlin',
          lastsMs: 3_600_000,
        },
      },
    ],
  })
})

const services = (needs: Record<string, string>) =>
  load({
    'config/services.yaml': `services:\n${Object.entries(needs)
      .map(([id, list]) => `  - { id: ${id}, tier: core, needs: [${list}] }\n`)
      .join('')}`,
  })

test('services that need each other in a circle are refused with the way round', async () => {
  expect(await services({ shop: 'orders', orders: 'db', db: 'shop' })).toEqual([
    'config/services.yaml:2:37: services need each other in a circle: shop → orders → db → shop; expected one of them not to need the next',
  ])
  expect(await services({ shop: 'shop' })).toHaveLength(1)
})

test('a service that is needed must exist', async () => {
  expect(await services({ shop: 'databse', database: '' })).toEqual([
    'config/services.yaml:2:37: unknown service "databse"; did you mean "database"?',
  ])
})
