import { needsCycle } from '../../base/dependency-graph.ts'
import type { ServicesFile } from '../../protocol/config.ts'
import type { Problem } from '../problem.ts'
import { problemAt, type YamlFile } from '../yaml/yaml-file.ts'
import { unknownName } from './region-rules.ts'

/** What services need: services that exist, and none that needs them in turn. */
export function needProblems(yaml: YamlFile, { services }: ServicesFile): Problem[] {
  const ids = services.map(({ id }) => id)
  const unknown = services.flatMap(({ needs = [] }, index) =>
    needs.flatMap((need, place) =>
      unknownName(yaml, ['services', index, 'needs', place], 'service', need, ids),
    ),
  )
  const cycle = needsCycle(services)
  if (!cycle) return unknown
  const first = services.findIndex(({ id }) => id === cycle[0])
  const place = services[first]?.needs?.indexOf(cycle[1] ?? '') ?? 0
  return [
    ...unknown,
    problemAt(yaml, ['services', first, 'needs', place], {
      message: `services need each other in a circle: ${cycle.join(' → ')}`,
      expected: 'one of them not to need the next',
    }),
  ]
}
