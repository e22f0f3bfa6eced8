import { nearestName } from '../../base/nearest-name.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import type { ServicesFile } from '../../protocol/config.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { problemAt, type YamlFile } from '../yaml/yaml-file.ts'

/** What must be green before an incident of a service is restored: checks that exist. */
export function downstreamProblems(
  yaml: YamlFile,
  { services }: ServicesFile,
  checks: readonly Pick<CheckDefinition, 'id'>[],
): Problem[] {
  const ids = checks.map(({ id }) => id)
  return services.flatMap(({ downstream = [] }, index) =>
    downstream.flatMap((check, place) => {
      if (ids.includes(check)) return []
      const suggestion = nearestName(check, ids)
      return problemAt(yaml, ['services', index, 'downstream', place], {
        message: `unknown check ${quote(check)}`,
        ...(suggestion ? { suggestion } : { expected: 'the id of a check in probes/' }),
      })
    }),
  )
}
