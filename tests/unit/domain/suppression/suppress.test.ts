import fc from 'fast-check'
import { expect, test } from 'vitest'
import { covers, type Target } from '../../../../src/domain/suppression/covers.ts'
import { openMaintenance } from '../../../../src/domain/suppression/open-maintenance.ts'
import { type Surroundings, suppress } from '../../../../src/domain/suppression/suppress.ts'
import { troubledRegions } from '../../../../src/domain/suppression/troubled-regions.ts'
import type { MaintenanceWindow, Silence } from '../../../../src/protocol/suppression.ts'
import { at } from '../../../support/builders.ts'

const NOW = at('2026-03-13T15:00:00Z')
const HOUR_MS = 3_600_000

const target = (overrides: Partial<Target> = {}): Target => ({
  checkId: 'orders-api',
  serviceId: 'orders',
  regions: ['eu'],
  ...overrides,
})
const nothing: Surroundings = {
  maintenance: [],
  silences: [],
  dependencies: [],
  troubledRegions: [],
  now: NOW,
}
const silence = (overrides: Partial<Silence> = {}): Silence => ({
  id: '3b1f9a52-3a77-4b8e-9d0e-0c8d6a4f7b11',
  author: 'Ana',
  reason: 'known, a fix is on its way',
  scope: { services: ['orders'] },
  createdAt: NOW - HOUR_MS,
  until: NOW + HOUR_MS,
  untilResolved: false,
  ...overrides,
})
const dependency = {
  serviceId: 'db',
  path: ['orders', 'db'],
  checkName: 'db-port',
  regions: ['eu', 'us'],
  isGlobal: false,
}

test.each([
  { scope: {}, covered: true, why: 'nothing restricts it' },
  { scope: { services: ['orders'] }, covered: true, why: 'its service' },
  { scope: { checks: ['orders-api'] }, covered: true, why: 'the check' },
  { scope: { services: ['db'], checks: ['orders-api'] }, covered: true, why: 'names add up' },
  { scope: { services: ['db'] }, covered: false, why: 'another service' },
  { scope: { regions: ['eu', 'us'] }, covered: true, why: 'all its regions' },
  { scope: { regions: ['us'] }, covered: false, why: 'another region' },
  { scope: { services: ['orders'], regions: ['us'] }, covered: false, why: 'both must hold' },
  { scope: { regions: ['eu'] }, regions: ['eu', 'us'], covered: false, why: 'it reaches further' },
  { scope: { regions: ['eu'] }, regions: [], covered: false, why: 'no region is never equal' },
])('covers: $why', ({ scope, regions, covered }) => {
  expect(covers(scope, target(regions && { regions }))).toBe(covered)
})

test.each([
  { around: {}, kind: undefined, why: 'nothing is planned, said or needed' },
  { around: { silences: [silence()] }, kind: 'silence', why: 'somebody said so' },
  { around: { silences: [silence({ until: NOW })] }, kind: undefined, why: 'it has run out' },
  {
    around: { silences: [silence({ endedAt: NOW - 1 })] },
    kind: undefined,
    why: 'it was ended',
  },
  { around: { dependencies: [dependency] }, kind: 'dependency', why: 'what it needs fails there' },
  {
    around: { dependencies: [{ ...dependency, regions: ['us'] }] },
    kind: undefined,
    why: 'what it needs fails elsewhere',
  },
  {
    around: { dependencies: [{ ...dependency, regions: ['us'], isGlobal: true }] },
    kind: 'dependency',
    why: 'what it needs fails everywhere',
  },
  {
    around: { dependencies: [{ ...dependency, regions: [] }] },
    kind: undefined,
    why: 'of what is needed no region is known',
  },
  { around: { troubledRegions: ['eu'] }, kind: 'region', why: 'the region is the finding' },
  { around: { troubledRegions: ['us'] }, kind: undefined, why: 'another region is' },
])('$kind: $why', ({ around, kind }) => {
  const given = suppress(target(), { ...nothing, ...around } as Surroundings)
  expect(given?.kind).toBe(kind)
  if (kind) expect(given?.reason).not.toBe('')
})

test('the reason tells the way to what is needed', () => {
  const around = { ...nothing, dependencies: [{ ...dependency, path: ['shop', 'orders', 'db'] }] }
  expect(suppress(target(), around)?.reason).toBe('shop needs orders needs db, where db-port fails')
})

test('an alert about no region is suppressed only by what names no region', () => {
  const nowhere = target({ regions: [] })
  const around = {
    ...nothing,
    dependencies: [{ ...dependency, isGlobal: true }],
    troubledRegions: [],
  }
  expect(suppress(nowhere, around)).toBeUndefined()
  expect(suppress(nowhere, { ...around, silences: [silence()] })?.kind).toBe('silence')
})

const window = (when: MaintenanceWindow['when']): MaintenanceWindow => ({
  id: 'upgrade',
  reason: 'the database is upgraded',
  scope: {},
  when,
})
const nightly = (timeZone: string, lastsMs = 2 * HOUR_MS) =>
  window({ kind: 'cron', expression: '30 1 * * *', timeZone, lastsMs })

test.each([
  { at: '2026-03-13T00:29:59Z', open: undefined, why: 'before it begins' },
  { at: '2026-03-13T00:30:00Z', open: '2026-03-13T02:30:00.000Z', why: 'as it begins' },
  { at: '2026-03-13T02:29:59Z', open: '2026-03-13T02:30:00.000Z', why: 'to its end' },
  { at: '2026-03-13T02:30:00Z', open: undefined, why: 'its end is outside' },
  {
    at: '2026-07-13T00:00:00Z',
    open: '2026-07-13T01:30:00.000Z',
    why: 'in summer an hour earlier',
  },
])('a window by night in Berlin, $at: $why', ({ at: instant, open }) => {
  const [found] = openMaintenance([nightly('Europe/Berlin')], at(instant))
  expect(found && new Date(found.until).toISOString()).toBe(open)
})

test('a window that begins again before it ends goes on', () => {
  const hourly = window({
    kind: 'cron',
    expression: '0 * * * *',
    timeZone: 'UTC',
    lastsMs: 1.5 * HOUR_MS,
  })
  const [found] = openMaintenance([hourly], at('2026-03-13T15:10:00Z'))
  expect(found?.until).toBe(at('2026-03-13T16:30:00Z'))
})

test('a window is open exactly from its beginning until before its end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: -20_000, max: 20_000 }),
      (lasts, after) => {
        const from = NOW
        const once = window({ kind: 'once', from, until: from + lasts })
        expect(openMaintenance([once], from + after).length === 1).toBe(after >= 0 && after < lasts)
      },
    ),
  )
})

const alerts = (count: number, failing: string[], healthy: string[]) =>
  Array.from({ length: count }, () => ({ failing, healthy }))

test.each([
  { alerts: alerts(10, ['eu'], ['us', 'ap']), is: ['eu'], why: 'all fail there alone' },
  {
    alerts: [...alerts(8, ['eu'], ['us']), ...alerts(2, [], ['eu', 'us'])],
    is: ['eu'],
    why: 'most do',
  },
  {
    alerts: [...alerts(7, ['eu'], ['us']), ...alerts(3, [], ['eu', 'us'])],
    is: [],
    why: 'not most',
  },
  { alerts: alerts(2, ['eu'], ['us']), is: [], why: 'two checks are two checks' },
  { alerts: alerts(10, ['eu', 'us'], ['ap']), is: [], why: 'two regions confirm each other' },
  { alerts: alerts(10, ['eu'], []), is: [], why: 'nobody else tells' },
  { alerts: alerts(10, ['eu', 'us', 'ap'], []), is: [], why: 'everything fails everywhere' },
  {
    alerts: [...alerts(6, ['eu'], ['us']), ...alerts(4, [], ['eu', 'us'])],
    before: ['eu'],
    is: ['eu'],
    why: 'it stays a little longer',
  },
  { alerts: alerts(10, [], ['eu', 'us']), before: ['eu'], is: [], why: 'it is proven well' },
  {
    alerts: alerts(10, [], ['us', 'ap']),
    before: ['eu'],
    is: ['eu'],
    why: 'silence proves nothing',
  },
])('a region in trouble: $why', ({ alerts: given, before = [], is }) => {
  expect([...troubledRegions(given, new Set(before)).keys()]).toEqual(is)
})
