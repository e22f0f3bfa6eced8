import type { CheckDefinition } from '../../protocol/check.ts'
import type { Incident } from '../../protocol/incident.ts'
import {
  type IncidentMatrix,
  MATRIX_CHECKS_MAX,
  MATRIX_MARGIN_MS,
} from '../../protocol/incident-matrix.ts'
import { BAR_SLOTS } from '../../protocol/public-paths.ts'
import type { SlotEnd } from '../../protocol/run.ts'
import { servicesOf } from './triage-card.ts'

/** Slots of a check in a region that ended in the same way within one bucket. */
export type EndedSlots = {
  checkId: string
  regionId: string
  bucket: number
  end: SlotEnd
  slots: number
}

/** What says most of the target comes first; a fault of the probe says nothing of it. */
const WORST: readonly SlotEnd[] = [
  'failed',
  'degraded',
  'passed',
  'probe_fault',
  'missed',
  'skipped',
]

/** Of which time it is, in as many buckets as a bar has cells. */
export function matrixSpan(
  { impactStartedAt, recoveredAt, restoredAt }: Incident,
  now: number,
): Pick<IncidentMatrix, 'since' | 'bucketMs'> {
  const since = impactStartedAt - MATRIX_MARGIN_MS
  const over = recoveredAt ?? restoredAt
  const until = over === undefined ? now : Math.min(now, over + MATRIX_MARGIN_MS)
  return { since, bucketMs: Math.max(1, Math.ceil((until - since) / BAR_SLOTS)) }
}

/** The checks of its services that are shown: what was found first, then by tier. */
export function matrixChecks(incident: Incident, checks: readonly CheckDefinition[]) {
  const found = new Set(incident.findings.flatMap(({ checkId }) => checkId ?? []))
  const services = servicesOf(incident)
  const TIERS = ['core', 'standard', 'minor']
  const rank = ({ id, tier }: CheckDefinition) => (found.has(id) ? 0 : 1 + TIERS.indexOf(tier))
  const all = checks
    .filter(({ id, serviceId }) => found.has(id) || services.includes(serviceId))
    .toSorted((a, b) => rank(a) - rank(b))
  return {
    shown: all
      .slice(0, MATRIX_CHECKS_MAX)
      .map((check) => ({ check, isFinding: found.has(check.id) })),
    left: Math.max(0, all.length - MATRIX_CHECKS_MAX),
  }
}

/** The matrix of what was counted; a bucket is as bad as the worst that ended in it. */
export function incidentMatrix(
  span: Pick<IncidentMatrix, 'since' | 'bucketMs'>,
  { shown, left }: ReturnType<typeof matrixChecks>,
  ended: readonly EndedSlots[],
): IncidentMatrix {
  const byCell = Map.groupBy(ended, ({ checkId, regionId }) => `${checkId} ${regionId}`)
  return {
    ...span,
    left,
    checks: shown.map(({ check, isFinding }) => ({
      checkId: check.id,
      name: check.name,
      isFinding,
      regions: check.regions.map((regionId) => {
        const cell = byCell.get(`${check.id} ${regionId}`) ?? []
        const total = (some: readonly EndedSlots[]) =>
          some.reduce((sum, { slots }) => sum + slots, 0)
        return {
          regionId,
          ends: Array.from({ length: BAR_SLOTS }, (_, bucket) => {
            const ends = cell.filter((one) => one.bucket === bucket).map(({ end }) => end)
            return WORST.find((end) => ends.includes(end)) ?? null
          }),
          slots: total(cell),
          failed: total(cell.filter(({ end }) => end === 'failed')),
        }
      }),
    })),
  }
}
