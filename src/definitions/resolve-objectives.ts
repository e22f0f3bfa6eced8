import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { ServicesFile, WrittenObjective } from '../protocol/config.ts'
import type { Objective } from '../protocol/objective.ts'

const OVER = '28d'

/** The objectives of all services, with every default applied. */
export function resolveObjectives(
  services: ServicesFile['services'],
  checks: readonly CheckDefinition[],
): Objective[] {
  return services.flatMap((service) =>
    (service.objectives ?? []).map((written) => ({
      id: `${service.id}/${written.name}`,
      serviceId: service.id,
      name: written.name,
      ...resolvedTerms(written),
      checks: written.traffic ? [] : (written.checks ?? countedChecks(service.id, checks)),
      ...(written.traffic && { traffic: written.traffic }),
      ...(written.latency !== undefined && { latencyMs: milliseconds(written.latency) }),
    })),
  )
}

/** A job's call says when it ran, and not how well customers are served. */
export const countedChecks = (
  serviceId: string,
  checks: readonly Pick<CheckDefinition, 'id' | 'serviceId' | 'kind'>[],
): string[] =>
  checks
    .filter((check) => check.serviceId === serviceId && check.kind !== 'heartbeat')
    .map(({ id }) => id)

/** What was promised, as numbers. */
export const resolvedTerms = ({
  target,
  over,
}: Pick<WrittenObjective, 'target' | 'over'>): Pick<Objective, 'target' | 'periodMs'> => ({
  // 99.9 / 100 is 0.9990000000000001: the digits that were written are the ones that are meant.
  target: Number((Number(target.slice(0, -1)) / 100).toFixed(6)),
  periodMs: milliseconds(over ?? OVER),
})

function milliseconds(duration: string): number {
  const ms = parseDuration(duration)
  assert(ms !== undefined, 'durations were checked with the shape of the file')
  return ms
}
