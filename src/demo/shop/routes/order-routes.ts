import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { notFoundPage, refusedPage } from '../pages/error-pages.ts'
import { checkoutPage, orderPage } from '../pages/order-pages.ts'
import { type ShopParts, sendPage, sessionOf } from '../visit.ts'

const addressLine = z.string().trim().min(1).max(120)
const AddressForm = z.object({
  name: addressLine,
  email: z.email().max(120),
  street: addressLine,
  postcode: addressLine,
  city: addressLine,
})
const OrderParams = z.object({ orderId: z.coerce.number().int().positive().catch(0) })

export function addOrderRoutes(app: FastifyInstance, parts: ShopParts): void {
  const { database } = parts

  app.get('/checkout', (request, reply) => {
    const content = checkoutPage(database.cartLines(sessionOf(request)), database.countOrders())
    return sendPage(request, reply, { title: 'Checkout', content }, parts)
  })

  app.post('/orders', (request, reply) => {
    const sessionId = sessionOf(request)
    const lines = database.cartLines(sessionId)
    const address = AddressForm.safeParse(request.body)
    if (sessionId === undefined || lines.length === 0 || !address.success) {
      reply.status(400)
      const reason = lines.length === 0 ? 'Your cart is empty.' : 'The address is not complete.'
      const page = { title: 'Not ordered', content: refusedPage(reason) }
      return sendPage(request, reply, page, parts)
    }
    return reply.redirect(`/orders/${database.placeOrder(sessionId, address.data, lines)}`, 303)
  })

  app.get('/orders/:orderId', (request, reply) => {
    const { orderId } = OrderParams.parse(request.params)
    const order = database.findOrder(orderId, sessionOf(request) ?? '')
    if (order)
      return sendPage(request, reply, { title: 'Thank you', content: orderPage(order) }, parts)
    reply.status(404)
    return sendPage(request, reply, { title: 'Not found', content: notFoundPage }, parts)
  })

  app.get('/api/orders/health', () => ({ status: 'ok', orders: database.countOrders() }))
}
