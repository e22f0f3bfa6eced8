import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { reportProblem } from '../../../protocol/public-api.ts'
import { TOLD_BYTES_MAX } from '../../../protocol/signal.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { takeReport } from '../../report-desk.ts'
import { defineRoute } from '../define-route.ts'

/** Reports of one address in a minute: a whole support team behind one, but no flood. */
const REQUESTS_PER_MINUTE_MAX = 120
const MINUTE_MS = 60_000

const reportRoute = defineRoute(reportProblem, ({ body }, parts, caller) => {
  // Support's programs tell of others; a person who is signed in tells for themselves.
  const by = caller.kind === 'person' ? caller.login : body.by
  return takeReport(parts, { ...body, ...(by !== undefined && { by }) })
})

/** Where people and support's programs tell what does not work: `POST /api/v1/reports`. */
export function registerReports(server: FastifyInstance, parts: CoordinatorParts): void {
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS })
    scope.addHook('onRoute', (route) => {
      route.bodyLimit = TOLD_BYTES_MAX
    })
    reportRoute.register(scope, parts)
  })
}
