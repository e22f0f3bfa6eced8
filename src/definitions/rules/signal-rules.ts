import { compile as compilePath } from 'json-p3'
import { nearestName } from '../../base/nearest-name.ts'
import { joinOr } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationProblems } from './duration-rules.ts'

/** What the shape of `signals.yaml` does not say: services that exist, and paths that can be read. */
export function signalProblems(yaml: YamlFile, services: readonly string[] | undefined): Problem[] {
  const entries = (list: string): [Path, unknown][] => {
    const written = valueAt(yaml.value, [list])
    return Array.isArray(written) ? written.map((entry, index) => [[list, index], entry]) : []
  }
  return [...entries('sources'), ...entries('vendors')].flatMap(([path, entry]) => [
    ...(services ? serviceProblems(yaml, [...path, 'service'], entry, services) : []),
    ...(valueAt(entry, ['kind']) === 'json' ? pathProblems(yaml, path, entry) : []),
    ...durationProblems(yaml, [...path, 'every']),
  ])
}

/** Services that are named where a signal's service is written, and do not exist. */
export function serviceProblems(
  yaml: YamlFile,
  path: Path,
  source: unknown,
  services: readonly string[],
): Problem[] {
  const service = valueAt(source, ['service'])
  const map = valueAt(service, ['map'])
  const named: [Path, unknown][] = [
    [path, service],
    [[...path, 'otherwise'], valueAt(service, ['otherwise'])],
    ...Object.entries(typeof map === 'object' && map !== null ? map : {}).map(
      ([word, id]): [Path, unknown] => [[...path, 'map', word], id],
    ),
  ]
  return named.flatMap(([at, id]) => {
    if (typeof id !== 'string' || services.includes(id)) return []
    const suggestion = nearestName(id, services)
    const message = `there is no service ${id}`
    return [
      problemAt(
        yaml,
        at,
        suggestion ? { message, suggestion } : { message, expected: joinOr(services) },
      ),
    ]
  })
}

const PATHS: readonly Path[] = [
  ['items'],
  ['key'],
  ['subject'],
  ['reason'],
  ['link'],
  ['state', 'from'],
  ['service', 'from'],
  ['severity', 'from'],
]

function pathProblems(yaml: YamlFile, at: Path, source: unknown): Problem[] {
  return PATHS.flatMap((path) => {
    const text = valueAt(source, path)
    if (typeof text !== 'string') return []
    try {
      if (!text.startsWith('$')) throw new Error('it does not begin with $')
      compilePath(text)
      return []
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return [
        problemAt(yaml, [...at, ...path], {
          message: `not a JSONPath: ${reason}`,
          expected: 'a JSONPath such as $.title',
        }),
      ]
    }
  })
}
