import { createHash } from 'node:crypto'
import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../base/app-error.ts'
import { API_PREFIX } from '../../../protocol/public-api.ts'
import {
  DELIVERY_BYTES_MAX,
  type SignalKind,
  type SignalSourceOf,
} from '../../../protocol/signal.ts'
import { acknowledgeAs } from '../../acknowledge.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { signalReaders } from '../../signals/registry.ts'
import type { Delivered, ReadSignals, SignalReader } from '../../signals/signal-reader.ts'
import { addToInbox, countInbox } from '../../store/signals.ts'

/** Deliveries of one address in a minute. */
const REQUESTS_PER_MINUTE_MAX = 1_200
const MINUTE_MS = 60_000

const Params = z.object({ sourceId: z.string() })

/**
 * Where other systems tell that something is wrong: `POST /api/v1/signals/<source>`. What was answered
 * with 200 is stored. What is malformed gets 400, because sending it again would not help; too much at
 * once gets 503, which every sender tries again: most drop for good what any other 4xx refuses.
 */
export function registerSignals(server: FastifyInstance, parts: CoordinatorParts): void {
  const readers = signalReaders(new Set(parts.fleet.services.map(({ id }) => id)))
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, {
      max: REQUESTS_PER_MINUTE_MAX,
      timeWindow: MINUTE_MS,
      errorResponseBuilder(_request, { ttl }) {
        parts.metrics.deliveryReceived('unknown', 'too_many')
        const words = `more than ${REQUESTS_PER_MINUTE_MAX} deliveries within a minute from this address`
        return new AppError('signal.too_many', words, { waitMs: ttl })
      },
    })
    // SNS sends JSON as text, and signatures are over the bytes.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    scope.route({
      method: 'POST',
      url: `${API_PREFIX}/signals/:sourceId`,
      config: { access: 'signed' },
      bodyLimit: DELIVERY_BYTES_MAX,
      schema: { summary: 'What another system says is wrong, in its own form.', params: Params },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const { sourceId } = request.params as z.infer<typeof Params>
        const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const receivedAt = parts.clock.now()
        await receive(parts, readers, sourceId, { headers: request.headers, raw, receivedAt })
        return reply.header('cache-control', 'no-store').send({ status: 'taken' })
      },
    })
  })
}

async function receive(
  parts: CoordinatorParts,
  readers: ReturnType<typeof signalReaders>,
  sourceId: string,
  delivered: Delivered,
): Promise<void> {
  const { fleet, limits, metrics, logger, store, wake } = parts
  const source = fleet.signalSources.find(({ id }) => id === sourceId)
  const secret = source && parts.secret(source.secret)
  if (source && !secret)
    logger.error({ source: sourceId, variable: source.secret }, 'its secret is not set')
  const reader = source && (readers[source.kind] as SignalReader<SignalKind>)
  // Who does not know the secret learns nothing, not even which sources there are.
  if (!source || !secret || !reader?.isAuthentic(delivered, secret)) {
    metrics.deliveryReceived(source ? sourceId : 'unknown', 'refused')
    throw new AppError('signal.refused', 'no such source, or not with this secret')
  }
  const { signals, notice, acknowledged } = readAs(parts, reader, source, delivered)
  if (notice !== undefined) logger.warn({ source: sourceId }, notice)
  if (acknowledged) await acknowledgeAs(parts, acknowledged)
  if ((await countInbox(store)) >= limits.inboxDeliveriesMax) {
    metrics.deliveryReceived(sourceId, 'too_many')
    throw new AppError(
      'signal.too_many',
      `${limits.inboxDeliveriesMax} deliveries wait to be looked at`,
    )
  }
  if (signals.length > 0) {
    const hash = createHash('sha256').update(delivered.raw).digest('hex')
    await addToInbox(store, { sourceId, hash, receivedAt: delivered.receivedAt, signals })
  }
  metrics.deliveryReceived(sourceId, 'taken')
  wake.readInbox()
}

function readAs<K extends SignalKind>(
  { metrics }: CoordinatorParts,
  reader: SignalReader<K>,
  source: SignalSourceOf<K>,
  delivered: Delivered,
): ReadSignals {
  try {
    return reader.read(jsonOf(delivered.raw), source, delivered)
  } catch (error) {
    metrics.deliveryReceived(source.id, 'malformed')
    throw error
  }
}

function jsonOf(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    throw new AppError('signal.malformed', 'the body is no JSON')
  }
}
