import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { notFoundPage } from '../pages/error-pages.ts'
import { homepage, productPage, searchPage } from '../pages/product-pages.ts'
import { type ShopParts, sendPage } from '../visit.ts'

const SEARCH_LENGTH_MAX = 80

/** What was searched for; what is no text, or too long, counts as nothing written. */
const SearchQuery = z.object({ q: z.string().trim().max(SEARCH_LENGTH_MAX).catch('') })
const ProductParams = z.object({ productId: z.string() })

export function addProductRoutes(app: FastifyInstance, parts: ShopParts): void {
  const { database, faults } = parts
  const search = (text: string) => (faults.isSearchEmpty ? [] : database.searchProducts(text))

  app.get('/', (request, reply) => {
    const content = homepage(database.featuredProducts())
    return sendPage(request, reply, { title: 'Light for every evening', content }, parts)
  })

  app.get('/search', (request, reply) => {
    const { q } = SearchQuery.parse(request.query)
    const content = searchPage(q, search(q))
    return sendPage(request, reply, { title: 'Search', content, search: q }, parts)
  })

  app.get('/products/:productId', (request, reply) => {
    const product = database.findProduct(ProductParams.parse(request.params).productId)
    if (product)
      return sendPage(request, reply, { title: product.name, content: productPage(product) }, parts)
    reply.status(404)
    return sendPage(request, reply, { title: 'Not found', content: notFoundPage }, parts)
  })

  app.get('/api/products', (request) => {
    const { q } = SearchQuery.parse(request.query)
    const products = search(q).map(({ id, name, priceCents }) => ({ id, name, priceCents }))
    return { count: products.length, products }
  })
}
