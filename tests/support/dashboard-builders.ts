import type {
  CheckOverview,
  IncidentSummary,
  Now,
  RegionStatus,
  SlotSummary,
} from '../../src/protocol/public-api.ts'
import type { SlotEnd } from '../../src/protocol/run.ts'
import { at } from './builders.ts'

/** What the dashboard loads, valid by default; a test states only what matters to it. */

const NOON = at('2026-03-13T12:00:00Z')
const SLOT_MS = 10_000

export function aSlot(overrides: Partial<SlotSummary> = {}): SlotSummary {
  return { slotAt: NOON, end: 'passed', runId: crypto.randomUUID(), durationMs: 120, ...overrides }
}

/** A bar of slots, oldest first, ten seconds apart; `undefined` is a slot that is awaited. */
export const aBar = (...ends: (SlotEnd | undefined)[]): SlotSummary[] =>
  ends.map((end, index) => ({ slotAt: NOON + index * SLOT_MS, ...(end && { end }) }))

const QUIET: CheckOverview['alert'] = {
  state: 'quiet',
  since: NOON,
  scope: 'unknown',
  reason: 'passes in eu-west and us-east',
  failing: [],
  healthy: [],
  unknown: [],
}

/** A check by the ends of its slots in each region. */
export function anOverview(
  bars: Record<string, SlotSummary[]>,
  overrides: Partial<Omit<CheckOverview, 'alert'>> & {
    alert?: Partial<CheckOverview['alert']>
  } = {},
): CheckOverview {
  const { alert, ...rest } = overrides
  return {
    checkId: 'shop-home',
    serviceId: 'storefront',
    name: 'Homepage',
    kind: 'http',
    tier: 'core',
    regions: Object.entries(bars).map(([regionId, slots]) => ({ regionId, slots })),
    ...rest,
    alert: { ...QUIET, ...alert },
  }
}

export function anIncidentSummary(overrides: Partial<IncidentSummary> = {}): IncidentSummary {
  return {
    id: 'INC-1',
    serviceId: 'storefront',
    title: 'Storefront: Homepage fails',
    state: 'triage',
    severity: 'SEV-1',
    severityReason: 'A core function fails everywhere.',
    scope: 'global',
    generation: 1,
    openedAt: NOON,
    impactStartedAt: NOON,
    lastSequence: 1,
    updatedAt: NOON,
    headline: 'Homepage fails in 3 of 3 regions',
    ...overrides,
  }
}

export function aRegion(overrides: Partial<RegionStatus> = {}): RegionStatus {
  return { regionId: 'eu-west', name: 'Frankfurt', state: 'ok', probes: [], ...overrides }
}

export function aNow(checks: CheckOverview[], overrides: Partial<Now> = {}): Now {
  return {
    now: NOON,
    newestRunAt: NOON,
    incidents: [],
    services: [{ serviceId: 'storefront', name: 'Storefront', checks }],
    regions: [aRegion()],
    slotsLastHour: { passed: 0, degraded: 0, failed: 0, probe_fault: 0, missed: 0, skipped: 0 },
    ...overrides,
  }
}
