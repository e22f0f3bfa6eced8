import type { Problem } from '../problem.ts'
import { problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { unknownName } from './region-rules.ts'

/**
 * What services count their throughput by: a query that exists and counts. Of a share it cannot be told
 * how much is done.
 *
 * @param queries as written; undefined where that file cannot be read.
 */
export function throughputProblems(
  services: YamlFile,
  queries: readonly unknown[] | undefined,
): Problem[] {
  if (!queries) return []
  const ids = queries.map((query) => valueAt(query, ['id'])).filter((id) => typeof id === 'string')
  return throughputQueries(services).flatMap(({ path, id }) => {
    const query = queries.find((one) => valueAt(one, ['id']) === id)
    if (query === undefined) return unknownName(services, path, 'query', id, ids)
    const isShare = ['ratioOf', 'pattern', 'by'].some((key) => valueAt(query, [key]) !== undefined)
    if (!isShare) return []
    return [
      problemAt(services, path, {
        message: 'the number of this query is a share or that of one label, whatever is done',
        expected: 'a query that counts, such as orders in five minutes',
      }),
    ]
  })
}

/** The queries that services name, with where they do. */
export function throughputQueries(services: YamlFile): { path: (string | number)[]; id: string }[] {
  const written = valueAt(services.value, ['services'])
  if (!Array.isArray(written)) return []
  return written.flatMap((service, index) => {
    const id = valueAt(service, ['throughput', 'query'])
    return typeof id === 'string' ? [{ path: ['services', index, 'throughput', 'query'], id }] : []
  })
}
