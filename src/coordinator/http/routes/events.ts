import type { FastifyInstance } from 'fastify'
import { EVENTS_HEARTBEAT_MS, EVENTS_PATH, type LiveEvent } from '../../../protocol/public-api.ts'
import type { Lifecycle } from '../../../runtime/lifecycle.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'

/** Dashboards that follow live at once; one more is refused and polls instead. */
const LISTENERS_MAX = 500

/** A client that reads so slowly that this much waits for it is cut off, and loads its page again. */
const BUFFER_BYTES_MAX = 1024 * 1024

/** Server-sent events: what changed, as it happens. */
export function registerEvents(
  server: FastifyInstance,
  parts: CoordinatorParts,
  lifecycle: Lifecycle,
): void {
  // Of a stream there is no head alone: it would be held open for nobody.
  const options = {
    config: { access: 'viewer' },
    exposeHeadRoute: false,
    schema: { hide: true },
  } as const
  server.get(EVENTS_PATH, options, (request, reply) => {
    const { feed, clock } = parts
    if (feed.listeners() >= LISTENERS_MAX) return reply.code(503).header('retry-after', '30').send()

    reply.hijack()
    const stream = reply.raw
    stream.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Reverse proxies must not hold events back.
      'x-accel-buffering': 'no',
    })
    const send = (event: LiveEvent) => {
      stream.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      if (stream.writableLength > BUFFER_BYTES_MAX) stream.destroy()
    }
    send({ type: 'hello', now: clock.now() })
    const unsubscribe = feed.subscribe(send)
    const end = () => stream.end()
    const beat = async () => {
      // A session may end while its stream is open, and what it may see with it.
      if (await request.isStillAllowed()) send({ type: 'alive', now: clock.now() })
      else end()
    }
    const heartbeat = setInterval(() => void beat().catch(end), EVENTS_HEARTBEAT_MS)
    lifecycle.signal.addEventListener('abort', end, { once: true })
    request.raw.on('close', () => {
      clearInterval(heartbeat)
      unsubscribe()
      lifecycle.signal.removeEventListener('abort', end)
    })
  })
}
