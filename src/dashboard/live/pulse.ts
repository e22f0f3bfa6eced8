import type { IncidentSummary, LiveEvent, RunSummary } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { coordinatorNow } from './coordinator-time.ts'
import { RELOAD_GAP_MS, useResource } from './use-resource.ts'

/** More open incidents than these are counted as so many. */
const INCIDENTS_MAX = 100

const OPEN_INCIDENTS = addressOf(PATHS.incidents, {}, { state: 'open', limit: INCIDENTS_MAX })
const NEWEST_RUN = addressOf(PATHS.runs, {}, { limit: 1 })

export type Pulse = {
  /** Undefined until loaded. */
  incidents: IncidentSummary[] | undefined
  /** When the newest run came in, by the coordinator's clock; absent before the first. */
  newestRunAt: number | undefined
}

/** What every page shows in its head: how many incidents are open, and how old the newest data is. */
export function usePulse(): Pulse {
  const incidents = useResource<{ data: IncidentSummary[] }>(OPEN_INCIDENTS, {
    reloadGapMs: (event) => (event.type === 'incident' ? RELOAD_GAP_MS : undefined),
  })
  const newest = useResource<{ newestRunAt: number | undefined; data?: RunSummary[] }>(NEWEST_RUN, {
    apply: newerRun,
  })
  const loaded = newest.data?.data?.[0]
  const loadedAt = loaded && loaded.startedAt + loaded.durationMs
  return {
    incidents: incidents.data?.data,
    newestRunAt: newest.data?.newestRunAt ?? loadedAt,
  }
}

/** A slot that ended with a run tells that a run came in just now; a missed one does not. */
function newerRun<T extends { newestRunAt: number | undefined }>(data: T, event: LiveEvent): T {
  if (event.type !== 'slot' || event.slot.runId === undefined) return data
  return { ...data, newestRunAt: coordinatorNow() }
}
