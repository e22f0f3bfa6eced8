import type { Meter } from '@opentelemetry/api'
import type { Objective, ObjectiveStatus } from '../protocol/objective.ts'

type Named = Pick<Objective, 'serviceId' | 'name'>

/** What is told of objectives. */
export type ObjectiveMetrics = {
  /** Requests for an objective's traffic, by what came of them. */
  trafficAsked(objective: Named, outcome: 'counted' | 'failed'): void
  /** How an objective stands. */
  objective(objective: Named, status: ObjectiveStatus): void
}

export function createObjectiveMetrics(meter: Meter): ObjectiveMetrics {
  const traffic = meter.createCounter('synthetics.objective.traffic_requests', {
    description: "Requests for an objective's traffic, by what came of them.",
    unit: '{request}',
  })
  const spent = meter.createGauge('synthetics.objective.budget_spent', {
    description: "Share of an objective's error budget that is spent; above 1 it is missed.",
    unit: '1',
  })
  const burn = meter.createGauge('synthetics.objective.burn_rate', {
    description: 'How many times as fast as allowed the budget burns, within the last hour.',
    unit: '1',
  })
  return {
    trafficAsked: ({ serviceId, name }, outcome) =>
      traffic.add(1, { service: serviceId, objective: name, outcome }),
    objective({ serviceId, name }, { spentShare, burnRate }) {
      const attributes = { service: serviceId, objective: name }
      if (spentShare !== null) spent.record(spentShare, attributes)
      if (burnRate !== null) burn.record(burnRate, attributes)
    },
  }
}
