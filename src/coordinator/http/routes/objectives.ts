import {
  BURN_WINDOWS,
  burnDetectionMs,
  burnRateOf,
} from '../../../domain/objective/burn-windows.ts'
import { listObjectives } from '../../../protocol/public-api.ts'
import { findObjective } from '../../store/objectives.ts'
import { defineRoute } from '../define-route.ts'

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
          outageDetectedMs: burnDetectionMs(window, objective, 1) ?? null,
        })),
        ...(row?.status && { status: row.status }),
      }
    })
    return { data: await Promise.all(data), nextCursor: null }
  },
)
