import type { Destination } from '../../protocol/destination.ts'

/** One time that a system which keeps a state of its own was to ring for an incident. */
export type Ring = {
  generation: number
  /** 1, 2, 3 … within the generation. */
  ring: number
}

/** Two ways to one system within this time are one ring: whoever hears it is awake. */
const SAME_RING_MS = 30_000

/** Rings that are closed before another is opened; the ones before were closed by those. */
const CLOSED_BEFORE_MAX = 3

/**
 * Which ring a page is. Such a system rings once for a key, whether somebody has acknowledged there or it is
 * still open, so that each step of a ladder that comes back to it, and each page after an acknowledgement that
 * ran out, needs a key of its own; what rang before is closed.
 *
 * @param rung every time that it was to ring for this incident, by the same account or team.
 */
export function nextRing(
  rung: readonly (Ring & { at: number })[],
  { generation, now }: { generation: number; now: number },
): { ring: number; rangBefore: Ring[] } {
  const own = rung.filter((one) => one.generation === generation)
  const last = own.toSorted((a, b) => b.ring - a.ring || b.at - a.at)[0]
  const ring = !last ? 1 : now - last.at < SAME_RING_MS ? last.ring : last.ring + 1
  const before = rung
    .filter((one) => one.generation !== generation || one.ring !== ring)
    .toSorted((a, b) => b.generation - a.generation || b.ring - a.ring)
    .map((one): Ring => ({ generation: one.generation, ring: one.ring }))
  const distinct = before.filter(
    (one, index) =>
      before.findIndex(
        (other) => other.generation === one.generation && other.ring === one.ring,
      ) === index,
  )
  return { ring, rangBefore: distinct.slice(0, CLOSED_BEFORE_MAX) }
}

/** What rings are counted by: whoever sends with the same secret rings the same system. */
export function ringsBy(destination: Destination): string | undefined {
  switch (destination.kind) {
    case 'pagerduty':
      return `${destination.kind} ${destination.routingKey}`
    case 'opsgenie':
    case 'jsm':
      return `${destination.kind} ${destination.apiKey}`
    default:
      return undefined
  }
}

/** An incident as a message names it to such a system. */
export type RungIncident = { id: string } & Ring & { rangBefore?: readonly Ring[] | undefined }

/**
 * Rings that are closed when this one opens, the oldest first. A message of a channel says no rings: there
 * each generation has one.
 */
export function earlierRings({ generation, rangBefore }: RungIncident): Ring[] {
  if (rangBefore) return rangBefore.toReversed()
  const first = Math.max(1, generation - CLOSED_BEFORE_MAX)
  return Array.from({ length: generation - first }, (_, index) => ({
    generation: first + index,
    ring: 1,
  }))
}

/** Rings that may be open: this one, and those before it in case it never came about. */
export const openRings = ({ generation, ring, rangBefore = [] }: RungIncident): Ring[] => [
  { generation, ring },
  ...rangBefore,
]

/**
 * What whoever was paged is told of rings when somebody has the incident, or it is over: what their last page
 * opened, also where the incident has reached further since and rang nobody for it.
 *
 * @param last of their last page.
 * @param generation of the incident as it is.
 */
export function ringsToEnd(
  last: {
    generation?: number | undefined
    ring?: number | undefined
    rangBefore?: Ring[] | undefined
  },
  generation: number,
): { ring?: number; rangBefore?: Ring[] } {
  const { ring, rangBefore = [] } = last
  if (ring === undefined) return {}
  if (last.generation === undefined || last.generation === generation) return { ring, rangBefore }
  const before = [{ generation: last.generation, ring }, ...rangBefore]
  return { ring: 1, rangBefore: before.slice(0, CLOSED_BEFORE_MAX) }
}
