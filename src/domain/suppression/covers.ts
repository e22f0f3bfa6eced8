import type { Scope } from '../../protocol/suppression.ts'

/** An alert, as far as it matters to what it is suppressed by. */
export type Target = {
  checkId: string
  serviceId: string
  /** The regions that it is about. */
  regions: readonly string[]
}

/**
 * Whether a scope is about an alert. Of regions it must cover every one: an alert that reaches further
 * is told. One that names no region is in none.
 */
export function covers(scope: Scope, target: Target): boolean {
  const { services, checks, regions } = scope
  const isNamed =
    (services === undefined && checks === undefined) ||
    (services?.includes(target.serviceId) ?? false) ||
    (checks?.includes(target.checkId) ?? false)
  const isThere =
    regions === undefined ||
    (target.regions.length > 0 && target.regions.every((region) => regions.includes(region)))
  return isNamed && isThere
}
