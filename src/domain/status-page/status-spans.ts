import type { ComponentStatus } from '../../protocol/status-page.ts'
import type { PublishedIncident } from './public-page.ts'

/** A component was said to be so from … to. */
export type StatusSpan = {
  componentId: string
  status: Exclude<ComponentStatus, 'operational'>
  from: number
  /** Exclusive. */
  until: number
}

/**
 * What an incident's public updates say of each component over time. What the first one says holds from
 * the first bad evidence on: people were affected before they were told.
 */
export function spansOf({ incident, updates }: PublishedIncident, now: number): StatusSpan[] {
  const spans: StatusSpan[] = []
  const current = new Map<string, { status: ComponentStatus; from: number }>()
  let isFirst = true
  const end = (componentId: string, until: number) => {
    const said = current.get(componentId)
    current.delete(componentId)
    if (said && said.status !== 'operational' && until > said.from)
      spans.push({ componentId, status: said.status, from: said.from, until })
  }
  for (const { public: told, occurredAt } of updates) {
    if (!told) continue
    for (const { id, status } of told.components) {
      if (current.get(id)?.status === status) continue
      end(id, occurredAt)
      const from = isFirst ? Math.min(incident.impactStartedAt, occurredAt) : occurredAt
      current.set(id, { status, from })
    }
    // What is over is over, also for a component that the last update did not name.
    if (told.status === 'resolved') for (const id of [...current.keys()]) end(id, occurredAt)
    isFirst = false
  }
  // What is said now holds now: the span reaches past this very moment.
  for (const id of [...current.keys()]) end(id, now + 1)
  return spans
}

/** From the best to the worst. */
export const STATUSES: readonly ComponentStatus[] = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
]

/** How a component stands at an instant: as badly as any incident says. */
export function statusAt(
  spans: readonly StatusSpan[],
  componentId: string,
  at: number,
): ComponentStatus {
  const said = spans
    .filter((span) => span.componentId === componentId && span.from <= at && at < span.until)
    .map(({ status }) => status)
  return (
    STATUSES.findLast((status) => (said as ComponentStatus[]).includes(status)) ?? 'operational'
  )
}
