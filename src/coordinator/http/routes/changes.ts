import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../../base/app-error.ts'
import { listChanges, tellChange } from '../../../protocol/public-api.ts'
import { type Change, TOLD_BYTES_MAX } from '../../../protocol/signal.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { showsSecret } from '../../signals/prove-secret.ts'
import * as changes from '../../store/changes.ts'
import { defineRoute } from '../define-route.ts'
import { sinceInstant } from './latency.ts'

/** Changes that one address may tell of in a minute. */
const REQUESTS_PER_MINUTE_MAX = 600
const MINUTE_MS = 60_000

/** What its deliveries are counted as. */
const CHANGES = 'changes'

export const listChangesRoute = defineRoute(listChanges, async ({ query }, { store, clock }) => ({
  data: await changes.listChanges(store, {
    services: query.service === undefined ? undefined : [query.service],
    since: Math.max(0, sinceInstant(query.since, clock.now())),
    limit: query.limit,
  }),
}))

const tellChangeRoute = defineRoute(tellChange, ({ body }, parts) => takeChange(parts, body))

/**
 * Where pipelines tell what was changed: `POST /api/v1/changes`, with the secret that
 * `config/signals.yaml` names. What was answered with 200 is stored.
 */
export function registerChanges(server: FastifyInstance, parts: CoordinatorParts): void {
  const { metrics, limits } = parts
  let beingStored = 0
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS })
    scope.addHook('onRoute', (route) => {
      route.bodyLimit = TOLD_BYTES_MAX
    })
    // Before the body is read: a stranger's is not worth it.
    scope.addHook('onRequest', async (request) => {
      if (isAdmitted(parts, request)) return
      metrics.deliveryReceived(CHANGES, 'refused')
      throw new AppError('signal.refused', 'nobody may tell of changes, or not with this secret')
    })
    scope.addHook('preHandler', async (_request, reply) => {
      if (beingStored >= limits.inboxDeliveriesMax) {
        metrics.deliveryReceived(CHANGES, 'too_many')
        throw new AppError('signal.too_many', `${beingStored} changes are being stored`)
      }
      beingStored++
      reply.raw.once('close', () => beingStored--)
    })
    scope.addHook('onError', async (_request, _reply, error) => {
      const status = 'validation' in error ? 400 : (error.statusCode ?? 500)
      if (status >= 400 && status < 500) metrics.deliveryReceived(CHANGES, 'malformed')
    })
    tellChangeRoute.register(scope, parts)
  })
}

function isAdmitted({ fleet, secret, logger, clock }: CoordinatorParts, request: FastifyRequest) {
  const { changeSecret } = fleet
  if (changeSecret === undefined) return false
  const expected = secret(changeSecret)
  if (!expected) {
    logger.error({ variable: changeSecret }, 'the secret of changes is not set')
    return false
  }
  const { headers } = request
  return showsSecret({ headers, raw: Buffer.alloc(0), receivedAt: clock.now() }, expected)
}

async function takeChange(parts: CoordinatorParts, told: Change) {
  const { fleet, store, clock, metrics } = parts
  if (!fleet.services.some(({ id }) => id === told.serviceId)) {
    metrics.deliveryReceived(CHANGES, 'malformed')
    throw new AppError('service.unknown', told.serviceId)
  }
  // A clock that runs ahead must not make a change take effect in the future.
  const change = { ...told, at: Math.min(told.at, clock.now()) }
  const isNew = await changes.addChange(store, change)
  metrics.deliveryReceived(CHANGES, 'taken')
  const known = isNew ? change : await changes.findChange(store, change.id)
  return { change: known ?? change, isRepeated: !isNew }
}
