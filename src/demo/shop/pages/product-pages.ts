import type { Product } from '../catalogue.ts'
import { type Html, html } from '../html.ts'
import { drawLamp } from '../lamp-drawing.ts'
import { formatPrice } from '../page-frame.ts'
import { QUANTITY_MAX } from '../shop-database.ts'

const shelf = (label: string, products: readonly Product[]): Html => html`
  <ul class="shelf" aria-label="${label}">${products.map(
    (product) => html`<li><a href="/products/${product.id}">${drawLamp(product)}
      <strong>${product.name}</strong><span>${formatPrice(product.priceCents)}</span></a></li>`,
  )}</ul>`

export const homepage = (featured: readonly Product[]): Html => html`
  <section class="hero">
    <div><h1>Light for every evening</h1>
      <p>Table lamps, reading lamps, lanterns: made in small workshops, and repaired there too.</p>
      <a class="button" href="/search?q=">See all lamps</a></div>
    ${drawLamp({ kind: 'table', colour: '#c8643c' })}
  </section>
  <h2>Featured lamps</h2>
  ${shelf('Featured lamps', featured)}`

export function searchPage(text: string, found: readonly Product[]): Html {
  const title = text === '' ? 'All lamps' : `Results for “${text}”`
  if (found.length === 0)
    return html`<h1>${title}</h1>
      <p>No lamp matches. Try another word, or <a href="/">look at what we like most</a>.</p>`
  return html`<h1>${title}</h1>
    <p class="soft">${found.length} ${found.length === 1 ? 'lamp' : 'lamps'}</p>
    ${shelf('Search results', found)}`
}

export const productPage = (product: Product): Html => html`
  <div class="two">
    ${drawLamp(product)}
    <div><h1>${product.name}</h1>
      <p>${product.description}</p>
      <p class="price">${formatPrice(product.priceCents)}</p>
      <form class="row" action="/cart/items" method="post">
        <input type="hidden" name="productId" value="${product.id}">
        <label class="narrow">Quantity
          <input name="quantity" type="number" min="1" max="${QUANTITY_MAX}" value="1" required></label>
        <button>Add to cart</button>
      </form>
      <p class="soft next">In stock. With us for thirty years of spare parts.</p></div>
  </div>`
