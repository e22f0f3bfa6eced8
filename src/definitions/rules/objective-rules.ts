import { nearestName } from '../../base/nearest-name.ts'
import { lintObjective } from '../../domain/objective/lint-objective.ts'
import type { ServicesFile } from '../../protocol/config.ts'
import type { Problem } from '../problem.ts'
import { countedChecks, resolvedTerms } from '../resolve-objectives.ts'
import { type Path, problemAt, type YamlFile } from '../yaml/yaml-file.ts'

type Check = Parameters<typeof countedChecks>[1][number]

/** What the shape of the file does not say of objectives: names, checks, and targets that can be watched. */
export function objectiveProblems(
  yaml: YamlFile,
  services: ServicesFile['services'],
  checks: readonly Check[],
): Problem[] {
  return services.flatMap((service, serviceIndex) =>
    (service.objectives ?? []).flatMap((objective, index) => {
      const path: Path = ['services', serviceIndex, 'objectives', index]
      const earlier = service.objectives?.findIndex(({ name }) => name === objective.name)
      const problems: Problem[] = []
      if (earlier !== index)
        problems.push(
          problemAt(yaml, [...path, 'name'], {
            message: `the service has another objective named ${objective.name}`,
            expected: 'names that are unique within the service',
          }),
        )
      for (const complaint of lintObjective(resolvedTerms(objective)))
        problems.push(
          problemAt(yaml, [...path, 'target'], {
            message: complaint,
            expected: 'a higher target, or a longer period',
          }),
        )
      if (objective.checks)
        problems.push(
          ...checkProblems(yaml, [...path, 'checks'], objective.checks, service.id, checks),
        )
      else if (!objective.traffic && countedChecks(service.id, checks).length === 0)
        problems.push(
          problemAt(yaml, path, {
            message: `the service ${service.id} has no check whose runs could count`,
            expected: 'a check of the service that is no heartbeat',
          }),
        )
      return problems
    }),
  )
}

function checkProblems(
  yaml: YamlFile,
  path: Path,
  named: readonly string[],
  serviceId: string,
  checks: readonly Check[],
): Problem[] {
  const counted = countedChecks(serviceId, checks)
  return named.flatMap((id, index) => {
    if (counted.includes(id)) return []
    const check = checks.find((candidate) => candidate.id === id)
    const suggestion = nearestName(id, counted)
    const message = !check
      ? `there is no check ${id}`
      : check.serviceId === serviceId
        ? `${id} is a heartbeat, which says nothing of what customers are served`
        : `${id} is a check of the service ${check.serviceId}`
    return [
      problemAt(yaml, [...path, index], {
        message,
        ...(suggestion ? { suggestion } : { expected: `a check of the service ${serviceId}` }),
      }),
    ]
  })
}
