import { type Html, html } from '../html.ts'
import { formatPrice } from '../page-frame.ts'
import { type CartLine, type Order, totalOf } from '../shop-database.ts'

const linesTable = (rows: readonly Html[], totalCents: number): Html => html`
  <table>
    <thead><tr><th scope="col">Lamp</th><th scope="col">Price</th></tr></thead>
    <tbody>${rows}</tbody>
    <tfoot><tr><th scope="row">Total</th><td>${formatPrice(totalCents)}</td></tr></tfoot>
  </table>`

const emptyCart = html`<p>Your cart is empty. <a href="/search?q=">See all lamps</a></p>`

export function cartPage(lines: readonly CartLine[]): Html {
  if (lines.length === 0) return html`<h1>Your cart</h1>${emptyCart}`
  const rows = lines.map(
    ({ product, quantity }) => html`<tr>
      <td>${quantity} × <a href="/products/${product.id}">${product.name}</a>
        <form action="/cart/items/remove" method="post">
          <input type="hidden" name="productId" value="${product.id}">
          <button class="quiet" aria-label="Remove ${product.name}">Remove</button>
        </form></td>
      <td>${formatPrice(product.priceCents * quantity)}</td></tr>`,
  )
  return html`<h1>Your cart</h1>
    <div class="panel">${linesTable(rows, totalOf(lines))}</div>
    <p class="next"><a class="button" href="/checkout">Go to checkout</a></p>`
}

type Field = { name: string; label: string; autocomplete: string; type?: string }

const ADDRESS_FIELDS: Field[] = [
  { name: 'name', label: 'Full name', autocomplete: 'name' },
  { name: 'email', label: 'E-mail', autocomplete: 'email', type: 'email' },
  { name: 'street', label: 'Street and number', autocomplete: 'street-address' },
  { name: 'postcode', label: 'Postcode', autocomplete: 'postal-code' },
  { name: 'city', label: 'City', autocomplete: 'address-level2' },
]

/** @param orderCount orders of all customers so far; read from the orders table on purpose. */
export function checkoutPage(lines: readonly CartLine[], orderCount: number): Html {
  if (lines.length === 0) return html`<h1>Checkout</h1>${emptyCart}`
  const rows = lines.map(
    ({ product, quantity }) => html`<tr><td>${quantity} × ${product.name}</td>
      <td>${formatPrice(product.priceCents * quantity)}</td></tr>`,
  )
  const fields = ADDRESS_FIELDS.map(
    ({ name, label, autocomplete, type = 'text' }) => html`<label>${label}
      <input name="${name}" type="${type}" autocomplete="${autocomplete}" maxlength="120" required></label>`,
  )
  return html`<h1>Checkout</h1>
    <form class="two" action="/orders" method="post">
      <div class="panel"><h2>Where should it go?</h2>${fields}</div>
      <div class="panel"><h2>Your order</h2>${linesTable(rows, totalOf(lines))}
        <p class="soft">${orderCountText(orderCount)}</p>
        <button>Place order</button></div>
    </form>`
}

const orderCountText = (count: number): string =>
  count === 0 ? 'You would be our first customer.' : `${count} orders placed with us so far.`

export const orderPage = (order: Order): Html => html`
  <h1>Thank you, ${order.name}</h1>
  <p>Order ${order.orderId} is placed, and goes to ${order.city} tomorrow.</p>
  <div class="panel">${linesTable(
    order.lines.map(
      ({ name, quantity, priceCents }) => html`<tr><td>${quantity} × ${name}</td>
        <td>${formatPrice(priceCents * quantity)}</td></tr>`,
    ),
    order.totalCents,
  )}</div>
  <p class="next"><a class="button" href="/">Back to the lamps</a></p>`
