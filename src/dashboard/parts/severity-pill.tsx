import type { Severity } from '../../protocol/config.ts'

/** The severity as a word; filled only for the two that should wake somebody. */
export function SeverityPill({ severity }: { severity: Severity }) {
  return <span class={`pill pill-${severity.toLowerCase()}`}>{severity}</span>
}
