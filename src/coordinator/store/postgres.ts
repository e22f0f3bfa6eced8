import { PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'

const POOL_MAX = 10
/** A server that does not answer must not hold a loop for ever; pg itself would wait. */
const CONNECT_TIMEOUT_MS = 5_000
const QUERY_TIMEOUT_MS = 15_000

/** Type number of `bigint`, which pg gives as text because it may exceed 2^53; ours never does. */
const BIGINT = 20

/** Kysely's PostgreSQL dialect, by a connection URL. `onError` hears of idle connections that break. */
export function postgresDialect(url: string, onError: (error: Error) => void): PostgresDialect {
  const pool = new Pool({
    connectionString: url,
    max: POOL_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: QUERY_TIMEOUT_MS,
    types: {
      getTypeParser: (type, format) =>
        type === BIGINT ? Number : (types.getTypeParser(type, format as 'text') as never),
    },
  })
  // Without a listener a broken idle connection would end the process.
  pool.on('error', onError)
  return new PostgresDialect({ pool })
}
