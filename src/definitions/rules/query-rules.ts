import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationProblems } from './duration-rules.ts'
import { serviceProblems } from './signal-rules.ts'

/** What the shape of `queries.yaml` does not say. */
export function queryProblems(yaml: YamlFile, services: readonly string[] | undefined): Problem[] {
  return queriesIn(yaml).flatMap(([path, query]) => [
    ...(services ? serviceProblems(yaml, [...path, 'service'], query, services) : []),
    ...['every', 'over'].flatMap((key) => durationProblems(yaml, [...path, key])),
    ...durationProblems(yaml, [...path, 'alert', 'for']),
    ...shareProblems(yaml, path, query),
  ])
}

function shareProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  const says = (key: string) => valueAt(query, [key]) !== undefined
  return [
    ...(says('pattern') && says('ratioOf')
      ? [
          problemAt(yaml, [...path, 'ratioOf'], {
            message: 'the number of a pattern is a share already',
            expected: 'either "pattern" or "ratioOf"',
          }),
        ]
      : []),
    ...(valueAt(query, ['alert', 'samplesMin']) !== undefined &&
    !says('ratioOf') &&
    !says('pattern')
      ? [
          problemAt(yaml, [...path, 'alert', 'samplesMin'], {
            message: '"samplesMin" is for shares',
            expected: '"ratioOf", the query of the whole',
          }),
        ]
      : []),
  ]
}

/** Words of what goes wrong, as queries have them. */
const ERRORS = /error|fail|exception|timeout|timed.out|refused|fatal|panic|5\.\.|5xx/i
/** A division, or a look at another time: then it is a share, or compared with what is usual. */
const RATIO_OR_BASELINE = /\/|\boffset\b/

/** What is allowed and yet hardly meant: a bare count of errors, which grows with the traffic. */
export const queryWarnings = (yaml: YamlFile): Problem[] =>
  queriesIn(yaml).flatMap(([path, query]) => {
    const text = valueAt(query, ['query'])
    const isBareCount =
      typeof text === 'string' &&
      valueAt(query, ['alert', 'above']) !== undefined &&
      valueAt(query, ['ratioOf']) === undefined &&
      valueAt(query, ['pattern']) === undefined &&
      ERRORS.test(text) &&
      !RATIO_OR_BASELINE.test(withoutStrings(text))
    if (!isBareCount) return []
    return [
      problemAt(yaml, [...path, 'alert', 'above'], {
        message: 'a bare count of errors grows with the traffic, and fires on a busy day',
        expected: 'a share, by "ratioOf", or a comparison with another time, by offset',
      }),
    ]
  })

/** What stands in quotes is no operator. */
const withoutStrings = (text: string) => text.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""')

function queriesIn(yaml: YamlFile): [Path, unknown][] {
  const queries = valueAt(yaml.value, ['queries'])
  return Array.isArray(queries) ? queries.map((query, index) => [['queries', index], query]) : []
}
