import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Telemetry } from '../../../runtime/telemetry.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'

/** For whoever runs the coordinator: alive, ready, numbers. */
export function registerHealth(
  server: FastifyInstance,
  parts: CoordinatorParts,
  telemetry: Telemetry,
): void {
  const anybody = { config: { access: 'public' }, schema: { hide: true } } as const
  server.get('/healthz', anybody, async () => ({ status: 'ok' }))

  // Ready means: the database answers. Throws otherwise, which becomes a 503.
  server.get('/readyz', anybody, async (_request, reply) => {
    try {
      await sql`select 1`.execute(parts.store.db)
    } catch {
      return reply.code(503).send({ status: 'the database does not answer' })
    }
    return { status: 'ok', checks: parts.fleet.checks.length, definitions: parts.fleet.hash }
  })

  const collectors = { config: { access: 'metrics' }, schema: { hide: true } } as const
  server.get('/metrics', collectors, (request, reply) => {
    reply.hijack()
    telemetry.answerMetrics(request.raw, reply.raw)
  })
}
