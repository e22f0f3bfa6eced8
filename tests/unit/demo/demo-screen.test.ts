import { expect, test } from 'vitest'
import { type DemoView, demoScreen } from '../../../src/demo/demo-screen.ts'
import type { Now, SlotSummary } from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')
const plain = (_: unknown, text: string) => text

const view = (overrides: Partial<DemoView> = {}): DemoView => ({
  dashboardUrl: 'http://127.0.0.1:8080',
  dashboardNote: undefined,
  account: undefined,
  shopUrl: 'http://127.0.0.1:8090/',
  regions: [{ id: 'eu-west', note: undefined }],
  now: undefined,
  faults: [],
  pages: [],
  ...overrides,
})

/** What the coordinator answers when the checks of eu-west last ended so. */
const nowWith = (ends: SlotSummary['end'][], incidents: Now['incidents'] = []): Now =>
  ({
    now: noon,
    incidents,
    services: [
      {
        serviceId: 'storefront',
        name: 'Storefront',
        checks: ends.map((end, index) => ({
          checkId: `check-${index}`,
          regions: [
            { regionId: 'eu-west', slots: end === undefined ? [] : [{ slotAt: noon, end }] },
          ],
        })),
      },
    ],
    regions: [],
  }) as unknown as Now

const lineOf = (lines: string[], start: string) =>
  lines.find((line) => line.trim().startsWith(start))

test.each([
  { now: undefined, line: 'starting …', why: 'the coordinator is not up' },
  {
    now: nowWith(['passed', undefined]),
    line: '· 1 of 2 checks pass, 1 awaited',
    why: 'one has not run yet',
  },
  { now: nowWith(['passed', 'degraded']), line: '✓ 2 of 2 checks pass', why: 'all is well' },
  { now: nowWith(['passed', 'failed']), line: '✗ 1 of 2 checks pass, 1 fail', why: 'one fails' },
  {
    now: nowWith(['probe_fault', 'passed']),
    line: '· 1 of 2 checks pass, 1 could not be measured',
    why: 'the probe is at fault',
  },
])('the line of a region says "$line" when $why', ({ now, line }) => {
  expect(lineOf(demoScreen(view({ now }), plain), 'eu-west')).toBe(`  eu-west    ${line}`)
})

test('jobs, which no region looks at, have a line of their own where there are any', () => {
  const now = nowWith(['passed'])
  const job = { checkId: 'export', regions: [{ regionId: 'coordinator', slots: [] }] }
  now.services[0]?.checks.push(job as never)
  const lines = demoScreen(view({ now }), plain)
  expect(lineOf(lines, 'eu-west')).toBe('  eu-west    ✓ 1 of 1 checks pass')
  expect(lineOf(lines, 'jobs')).toBe('  jobs       · 0 of 1 checks pass, 1 awaited')
  expect(lineOf(demoScreen(view({ now: nowWith(['passed']) }), plain), 'jobs')).toBeUndefined()
})

test('says where dashboard and shop are, and that the dashboard had to move', () => {
  const lines = demoScreen(view({ dashboardNote: '(port 8080 is taken)' }), plain)
  expect(lineOf(lines, 'Dashboard')).toContain('http://127.0.0.1:8080  (port 8080 is taken)')
  expect(lineOf(lines, 'Shop')).toContain('http://127.0.0.1:8090/')
})

test('tells how to break the shop, and once it is broken how to mend it', () => {
  expect(demoScreen(view(), plain).join('\n')).toContain('npx firewatch demo break orders-down')
  const broken = demoScreen(
    view({ faults: [{ name: 'region-cut', regionId: 'eu-west' }] }),
    plain,
  ).join('\n')
  expect(broken).toContain('Broken on purpose: region-cut (eu-west)')
  expect(broken).toContain('npx firewatch demo fix')
  expect(broken).not.toContain('demo break')
})

test('shows each open incident with its severity and what fails', () => {
  const incident = {
    id: 'INC-1',
    severity: 'SEV-1',
    title: 'Storefront: Orders API fails',
    state: 'triage',
    headline: 'Orders API fails in 3 of 3 regions',
    openedAt: noon,
  } as Now['incidents'][number]
  const text = demoScreen(view({ now: nowWith(['failed'], [incident]) }), plain).join('\n')
  expect(text).toMatch(
    /SEV-1 {2}Storefront: Orders API fails {2}INC-1, triage, since \d\d:\d\d:\d\d/,
  )
  expect(text).toContain('Orders API fails in 3 of 3 regions')
})

test('the same view gives the same lines, so a quiet fleet prints nothing new', () => {
  const quiet = view({ now: nowWith(['passed']) })
  expect(demoScreen(quiet, plain)).toEqual(demoScreen({ ...quiet }, plain))
})

test('who was paged last is on the screen, the newest first', () => {
  const pages = ['a', 'b', 'c', 'd'].map((personId, index) => ({ personId, at: noon - index }))
  const lines = demoScreen(view({ pages }), plain).filter((line) => line.includes('Paged'))
  expect(lines.map((line) => line.trim().split(/\s+/)[1])).toEqual(['a', 'b', 'c'])
})
