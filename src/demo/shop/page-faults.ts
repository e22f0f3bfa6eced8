import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { waitFor } from '../../runtime/deadline.ts'
import { type PageFaults, SLOW_CART_MS } from '../faults.ts'
import { BAD_GATEWAY } from './pages/error-pages.ts'
import { sendMarkup } from './visit.ts'

const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? ''
const TOUCHES_ORDERS = /^\/(?:checkout|orders|api\/orders)(?:\/|$)/
const IS_CART = /^\/cart(?:\/|$)/
const IS_CHECKOUT = /^\/checkout\/?$/

/** Lets the faults that are on spoil the answers, before any route sees the request. */
export function addPageFaults(
  app: FastifyInstance,
  faults: Readonly<PageFaults>,
  stopping: AbortSignal,
): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request)
    if (faults.areOrdersDown && TOUCHES_ORDERS.test(path)) return answerBadGateway(path, reply)
    if (faults.isCheckoutBroken && IS_CHECKOUT.test(path))
      throw new Error('delivery costs: no rate for this country')
    if (faults.isCartSlow && IS_CART.test(path)) return waitLong(request, reply, stopping)
    return undefined
  })
}

function answerBadGateway(path: string, reply: FastifyReply): FastifyReply {
  reply.status(502)
  if (path.startsWith('/api/'))
    return reply.send({ error: 'bad_gateway', message: 'no answer from orders' })
  return sendMarkup(reply, BAD_GATEWAY)
}

async function waitLong(
  request: FastifyRequest,
  reply: FastifyReply,
  stopping: AbortSignal,
): Promise<FastifyReply | undefined> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  request.raw.socket.once('close', leave)
  await waitFor(SLOW_CART_MS, AbortSignal.any([gone.signal, stopping]))
  request.raw.socket.off('close', leave)
  if (!gone.signal.aborted && !stopping.aborted) return undefined
  // Nobody waits for the answer any more, so the cart must not be touched either.
  request.raw.destroy()
  return reply.hijack()
}
