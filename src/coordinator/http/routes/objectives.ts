import {
  BURN_WINDOWS,
  type BurnWindow,
  burnDetectionMs,
  burnRateOf,
} from '../../../domain/objective/burn-windows.ts'
import type { Objective } from '../../../protocol/objective.ts'
import { listObjectives } from '../../../protocol/public-api.ts'
import { TRAFFIC_SPAN_MS } from '../../../protocol/traffic-span.ts'
import { findObjective } from '../../store/objectives.ts'
import { defineRoute } from '../define-route.ts'

/** Traffic is known only when its span is over. */
function outageDetectedMs(window: BurnWindow, objective: Objective): number | null {
  const detectedMs = burnDetectionMs(window, objective, 1)
  if (detectedMs === undefined) return null
  return objective.traffic ? detectedMs + TRAFFIC_SPAN_MS : detectedMs
}

export const listObjectivesRoute = defineRoute(
  listObjectives,
  async ({ query: { service } }, { store, fleet }) => {
    const wanted = fleet.objectives.filter(
      ({ serviceId }) => service === undefined || serviceId === service,
    )
    const data = wanted.map(async (objective) => {
      const row = await findObjective(store, objective)
      return {
        objective,
        windows: BURN_WINDOWS.map((window) => ({
          ...window,
          burnRate: burnRateOf(window, objective.periodMs),
          outageDetectedMs: outageDetectedMs(window, objective),
        })),
        ...(row?.status && { status: row.status }),
      }
    })
    return { data: await Promise.all(data), nextCursor: null }
  },
)
