import fc from 'fast-check'
import { expect, test } from 'vitest'
import { componentsOf } from '../../../../src/domain/status-page/components-of.ts'
import { DAY_MS, dayOf } from '../../../../src/domain/status-page/day-bars.ts'
import {
  type PublicPageInput,
  publicPage,
  type UpdatePosted,
} from '../../../../src/domain/status-page/public-page.ts'
import { spansOf, statusAt } from '../../../../src/domain/status-page/status-spans.ts'
import { statuspageFiles } from '../../../../src/domain/status-page/statuspage-json.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import {
  ComponentStatus,
  PublicStatus,
  type StatusPage,
} from '../../../../src/protocol/status-page.ts'
import { aFinding, anIncident, MINUTE, NOW } from '../incident/reports.ts'

const PAGE: StatusPage = {
  title: 'Lamp shop',
  url: 'https://status.example.com',
  components: [
    { id: 'browsing', name: 'Browsing', services: ['storefront'], checks: ['homepage'] },
    { id: 'checkout', name: 'Checkout', services: ['storefront', 'payments'] },
  ],
}
const SECRET = 'db-1 is full, ada removes snapshots'

let sequence = 10
const anUpdate = (
  at: number,
  status: PublicStatus,
  components: { id: string; status: ComponentStatus }[],
): UpdatePosted => ({
  type: 'update_posted',
  sequence: sequence++,
  occurredAt: at,
  recordedAt: at,
  actor: { kind: 'person', name: 'ada' },
  internal: { severity: 'SEV-1', impact: SECRET, currentStatus: SECRET, nextSteps: SECRET },
  public: {
    publicId: 'p1',
    title: 'Checkout does not work',
    status,
    acknowledgement: 'We know of it.',
    impact: 'Nobody can pay.',
    work: 'We work on it.',
    components,
  },
  nextAt: at + 15 * MINUTE,
})

const incident: Incident = { ...anIncident(), title: SECRET, impactStartedAt: NOW - 20 * MINUTE }
const input = (overrides: Partial<PublicPageInput> = {}): PublicPageInput => ({
  page: PAGE,
  published: [],
  checks: [
    { id: 'homepage', serviceId: 'storefront' },
    { id: 'pay', serviceId: 'payments' },
  ],
  measuredDays: new Map([['pay', new Set([dayOf(NOW), dayOf(NOW) - DAY_MS])]]),
  now: NOW,
  ...overrides,
})

test('without anything published everything works, and a day without measurements is no data', () => {
  const page = publicPage(input())
  expect(page).toMatchObject({ indicator: 'none', incidents: [], updatedAt: undefined })
  const [browsing, checkout] = page.components
  expect(new Set(browsing?.days.map(({ state }) => state))).toEqual(new Set(['no_data']))
  expect(checkout?.days.map(({ state }) => state).slice(-3)).toEqual([
    'no_data',
    'operational',
    'operational',
  ])
  expect(checkout?.days).toHaveLength(90)
})

test('an outage is told from the first bad evidence on, and until the public read that it is over', () => {
  const updates = [
    anUpdate(NOW - 10 * MINUTE, 'investigating', [{ id: 'checkout', status: 'major_outage' }]),
    anUpdate(NOW - 5 * MINUTE, 'identified', [{ id: 'checkout', status: 'partial_outage' }]),
    anUpdate(NOW - MINUTE, 'resolved', []),
  ]
  expect(spansOf({ incident, updates }, NOW)).toEqual([
    {
      componentId: 'checkout',
      status: 'major_outage',
      from: NOW - 20 * MINUTE,
      until: NOW - 5 * MINUTE,
    },
    {
      componentId: 'checkout',
      status: 'partial_outage',
      from: NOW - 5 * MINUTE,
      until: NOW - MINUTE,
    },
  ])
  const open = publicPage(input({ published: [{ incident, updates: updates.slice(0, 1) }] }))
  expect(open).toMatchObject({
    indicator: 'critical',
    incidents: [{ id: 'p1', status: 'investigating', impact: 'critical' }],
  })
  expect(open.components[1]?.days.at(-1)?.state).toBe('major_outage')
  const over = publicPage(input({ published: [{ incident, updates }] }))
  expect(over).toMatchObject({ indicator: 'none', incidents: [{ resolvedAt: NOW - MINUTE }] })
  expect(over.components[1]?.status).toBe('operational')
  // What was, was.
  expect(over.components[1]?.days.at(-1)?.state).toBe('major_outage')
})

test('readers of Statuspage find what they look for, and nothing that was not published', () => {
  const updates = [
    anUpdate(NOW - 10 * MINUTE, 'investigating', [{ id: 'checkout', status: 'major_outage' }]),
  ]
  const unpublished = { ...incident, id: 'INC-43' }
  const { public: _, ...inside } = anUpdate(NOW, 'identified', [])
  const page = publicPage(
    input({
      published: [
        { incident, updates: [...updates, inside] },
        { incident: unpublished, updates: [inside] },
      ],
    }),
  )
  const files = statuspageFiles(page)
  expect(files.summary).toMatchObject({
    page: { id: 'lamp-shop', name: 'Lamp shop', time_zone: 'Etc/UTC' },
    status: { indicator: 'critical', description: 'Major Service Outage' },
    components: [
      { id: 'browsing', status: 'operational', position: 1 },
      { id: 'checkout', status: 'major_outage', position: 2 },
    ],
    incidents: [
      {
        id: 'p1',
        name: 'Checkout does not work',
        status: 'investigating',
        impact: 'critical',
        shortlink: 'https://status.example.com#p1',
        incident_updates: [
          {
            status: 'investigating',
            body: 'We know of it. Nobody can pay. We work on it. Next update by 15:05 UTC, or sooner if something changes.',
            affected_components: [
              { code: 'checkout', old_status: 'operational', new_status: 'major_outage' },
            ],
          },
        ],
      },
    ],
    scheduled_maintenances: [],
  })
  const everything = JSON.stringify({ page, files })
  for (const secret of [SECRET, 'INC-', 'ada', 'db-1', 'checkout-stop', 'eu-west'])
    expect(everything).not.toContain(secret)
})

test('components follow from the checks that fail, and from the service where no check does', () => {
  const idsOf = (one: Pick<Incident, 'findings' | 'serviceId'>) =>
    componentsOf(one, PAGE).map(({ id }) => id)
  expect(idsOf(anIncident(aFinding({ checkId: 'homepage' })))).toEqual(['browsing', 'checkout'])
  expect(idsOf(anIncident(aFinding()))).toEqual(['checkout'])
  expect(idsOf(anIncident(aFinding({ serviceId: 'payments' })))).toEqual(['checkout'])
  expect(idsOf({ findings: [], serviceId: 'storefront' })).toEqual(['browsing', 'checkout'])
  expect(idsOf({ findings: [], serviceId: 'fleet' })).toEqual([])
})

test('whatever is published in whatever order, spans are in order, and now is what was said last', () => {
  const update = fc.record({
    gap: fc.integer({ min: 0, max: 3 * DAY_MS }),
    status: fc.constantFrom(...PublicStatus.options),
    component: fc.constantFrom(...ComponentStatus.options),
  })
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 12 }), (drawn) => {
      let at = NOW - 30 * DAY_MS
      const updates = drawn.map(({ gap, status, component }) => {
        at += gap
        return anUpdate(at, status, [{ id: 'checkout', status: component }])
      })
      const spans = spansOf({ incident: { ...incident, impactStartedAt: 0 }, updates }, at)
      let before = 0
      for (const { from, until } of spans) {
        expect(from).toBeGreaterThanOrEqual(before)
        expect(until).toBeGreaterThan(from)
        before = until
      }
      const last = drawn.at(-1)
      const expected = last?.status === 'resolved' ? 'operational' : last?.component
      expect(statusAt(spans, 'checkout', at)).toBe(expected)
    }),
  )
})
