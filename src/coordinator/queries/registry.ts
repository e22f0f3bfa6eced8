import type { QueryKind } from '../../protocol/query.ts'
import { readCloudwatch } from './cloudwatch.ts'
import { readElasticsearch } from './elasticsearch.ts'
import { readLoki } from './loki.ts'
import { readPrometheus } from './prometheus.ts'
import type { QueryReader } from './query-reader.ts'

/** Not compiling? A kind of query was added to `protocol/query.ts`, and nobody asks it yet. */
export const queryReaders: { readonly [K in QueryKind]: QueryReader<K> } = {
  prometheus: readPrometheus,
  loki: readLoki,
  elasticsearch: readElasticsearch,
  cloudwatch: readCloudwatch,
}
