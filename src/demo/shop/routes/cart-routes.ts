import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { refusedPage } from '../pages/error-pages.ts'
import { cartPage } from '../pages/order-pages.ts'
import { QUANTITY_MAX } from '../shop-database.ts'
import { ensureSession, type ShopParts, sendPage, sessionOf } from '../visit.ts'

const NewItem = z.object({
  productId: z.string(),
  quantity: z.coerce.number().int().min(1).max(QUANTITY_MAX).default(1),
})
const RemovedItem = z.object({ productId: z.string() })

export function addCartRoutes(app: FastifyInstance, parts: ShopParts): void {
  const { database } = parts

  app.get('/cart', (request, reply) => {
    const content = cartPage(database.cartLines(sessionOf(request)))
    return sendPage(request, reply, { title: 'Your cart', content }, parts)
  })

  app.post('/cart/items', (request, reply) => {
    const item = NewItem.safeParse(request.body)
    if (!item.success || !database.findProduct(item.data.productId)) {
      reply.status(400)
      const content = refusedPage(`We have no such lamp, or not 1 to ${QUANTITY_MAX} of it.`)
      return sendPage(request, reply, { title: 'Not added', content }, parts)
    }
    const { productId, quantity } = item.data
    database.addToCart(ensureSession(request, reply), productId, quantity)
    return reply.redirect('/cart', 303)
  })

  app.post('/cart/items/remove', (request, reply) => {
    const item = RemovedItem.safeParse(request.body)
    const sessionId = sessionOf(request)
    if (item.success && sessionId) database.removeFromCart(sessionId, item.data.productId)
    return reply.redirect('/cart', 303)
  })
}
