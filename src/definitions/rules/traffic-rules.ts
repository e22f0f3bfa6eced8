import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { unknownName } from './region-rules.ts'

type Named = { path: Path; id: string; counts: 'good' | 'total'; serviceId: unknown }

/**
 * What objectives count traffic by: queries of Prometheus, of the same service, that count what came
 * within five minutes, in a way that a gap in what is collected is seen.
 *
 * @param queries as written; undefined where that file cannot be read.
 */
export function trafficProblems(
  services: YamlFile,
  queries: readonly unknown[] | undefined,
): Problem[] {
  const ids = queries?.map((query) => valueAt(query, ['id'])).filter((id) => typeof id === 'string')
  return [
    ...contradictions(services),
    ...(queries && ids
      ? trafficQueries(services).flatMap((named) => {
          const query = queries.find((one) => valueAt(one, ['id']) === named.id)
          return query === undefined
            ? unknownName(services, named.path, 'query', named.id, ids)
            : queryProblems(services, named, query)
        })
      : []),
  ]
}

/** The queries that objectives name, with where they do. */
export function trafficQueries(services: YamlFile): Named[] {
  return objectivesIn(services).flatMap(({ path, objective, serviceId }) =>
    (['good', 'total'] as const).flatMap((counts) => {
      const id = valueAt(objective, ['traffic', counts])
      return typeof id === 'string'
        ? [{ path: [...path, 'traffic', counts], id, counts, serviceId }]
        : []
    }),
  )
}

function queryProblems(
  services: YamlFile,
  { path, id, counts, serviceId }: Named,
  query: unknown,
): Problem[] {
  const problem = (message: string, expected: string) => [
    problemAt(services, path, { message, expected }),
  ]
  const kind = valueAt(query, ['kind'])
  if (kind !== 'prometheus')
    return problem(
      `${id} is a query of ${String(kind)}, which gives no numbers of the past five minutes one after the other`,
      'a query of kind prometheus',
    )
  const owner = valueAt(query, ['service'])
  if (owner !== serviceId)
    return problem(
      `${id} is a query of the service ${String(owner)}`,
      `a query of the service ${String(serviceId)}`,
    )
  if (valueAt(query, ['ratioOf']) !== undefined || valueAt(query, ['by']) !== undefined)
    return problem(
      `${id} is a share or a table, and does not count`,
      'a query that counts, such as sum(increase(http_requests_total[5m]))',
    )
  const text = valueAt(query, ['query'])
  return typeof text === 'string' ? countProblems(text, counts, problem, id) : []
}

/** The range of a selector: five minutes are what is asked for each five minutes. */
const RANGE = /\[([^\]:]+)(?::[^\]]*)?\]/g
const FIVE_MINUTES = ['5m', '300s', '300000ms']

function countProblems(
  text: string,
  counts: Named['counts'],
  problem: (message: string, expected: string) => Problem[],
  id: string,
): Problem[] {
  const plain = text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
  const other = [...plain.matchAll(RANGE)].find(
    ([, range = '']) => !FIVE_MINUTES.includes(range.trim()),
  )
  if (other)
    return problem(
      `${id} counts over ${other[0]}, and is asked for every five minutes: requests would count twice, or not at all`,
      'a range of [5m]',
    )
  if (/\b(?:irate|rate)\s*\(/.test(plain) && !/\*\s*300\b|\b300\s*\*/.test(plain))
    return problem(
      `${id} gives requests a second, not how many came`,
      'increase(…[5m]), which counts what came within five minutes',
    )
  if (counts === 'total' && /\bor\s+(?:on\s*\(\s*\)\s*)?vector\s*\(/.test(plain))
    return problem(
      `${id} says 0 where nothing was collected, so that a gap would look like no traffic`,
      'the count without "or vector(0)", so that a gap is unknown',
    )
  return []
}

/** What is said of runs beside traffic would be said of nothing. */
const contradictions = (services: YamlFile): Problem[] =>
  objectivesIn(services).flatMap(({ path, objective }) =>
    valueAt(objective, ['traffic']) === undefined
      ? []
      : ['checks', 'latency']
          .filter((key) => valueAt(objective, [key]) !== undefined)
          .map((key) =>
            problemAt(services, [...path, key], {
              message: `"${key}" is about runs of probes, and where "traffic" counts none does`,
              expected: `either "traffic" or "${key}"; what is too slow is left out by the query of the good ones`,
            }),
          ),
  )

function objectivesIn(
  services: YamlFile,
): { path: Path; objective: unknown; serviceId: unknown }[] {
  const written = valueAt(services.value, ['services'])
  if (!Array.isArray(written)) return []
  return written.flatMap((service, index) => {
    const objectives = valueAt(service, ['objectives'])
    if (!Array.isArray(objectives)) return []
    return objectives.map((objective, place) => ({
      path: ['services', index, 'objectives', place],
      objective,
      serviceId: valueAt(service, ['id']),
    }))
  })
}
