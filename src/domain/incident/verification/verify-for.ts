import type { Severity } from '../../../protocol/config.ts'

const HOUR_MS = 3_600_000

/** How long what is not severe must stay clean, where the fleet does not ask for less of all. */
export const MINOR_VERIFY_MS = 15 * 60_000

/** After a grave incident people lead through a checklist, watch closer, and review. */
export const isGrave = (severity: Severity): boolean => severity === 'SEV-1' || severity === 'SEV-2'

/** How long an incident of this severity must stay clean. */
export const verifyForOf = (severity: Severity, verifyForMs: number): number =>
  isGrave(severity) ? verifyForMs : Math.min(verifyForMs, MINOR_VERIFY_MS)

/** How long its checks are watched closer afterwards; undefined where they are not. */
export function watchForOf(severity: Severity): number | undefined {
  if (severity === 'SEV-1') return 48 * HOUR_MS
  return severity === 'SEV-2' ? 24 * HOUR_MS : undefined
}

/** Until when after the restoration the review is due. */
export const REVIEW_WITHIN_MS = 48 * HOUR_MS
