import type { Problem } from '../problem.ts'
import { type Path, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { unknownName } from './region-rules.ts'

type Known = {
  services: readonly string[] | undefined
  checks: readonly string[] | undefined
}

/** Components that stand for services and checks that exist. */
export function statusPageProblems(yaml: YamlFile, known: Known): Problem[] {
  const components = valueAt(yaml.value, ['components'])
  if (!Array.isArray(components)) return []
  return components.flatMap((_, index) =>
    (['services', 'checks'] as const).flatMap((list) => {
      const path: Path = ['components', index, list]
      const names = valueAt(yaml.value, path)
      const defined = known[list]
      if (!Array.isArray(names) || !defined) return []
      return names.flatMap((name: unknown, place) =>
        typeof name === 'string'
          ? unknownName(yaml, [...path, place], list.slice(0, -1), name, defined)
          : [],
      )
    }),
  )
}
