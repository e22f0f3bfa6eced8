import { createHash } from 'node:crypto'
import { type Html, html } from './html.ts'
import { STYLESHEET } from './stylesheet.ts'

export type PageFrame = {
  title: string
  /** What the search box shows. */
  search?: string
  /** Lamps in the visitor's cart. */
  cartCount: number
}

/** What browsers may load and do on a page of the shop: its own style, its own forms, no script. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLESHEET).digest('base64')}'`,
  'img-src data:',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const FLAME = 'M12 2c1 4 6 6 6 12a6 6 0 0 1-12 0c0-3 2-4 2.5-7 1.5 1 2 2 2 3 1-2 2-4 1.5-8z'
const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#c8643c" d="${FLAME}"/></svg>`,
)}`

/** A whole page, with the shop's header and footer around its content. */
export function framePage({ title, search = '', cartCount }: PageFrame, content: Html): string {
  // The style must reach the browser exactly as hashed above, so nothing may be escaped in it.
  const style = `<style>${STYLESHEET}</style>`
  const head = html`<meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Lamplight</title>
    <link rel="icon" href="${ICON}">`
  return `<!doctype html>
<html lang="en"><head>${head}${style}</head><body>${html`
    <header class="top"><div class="page">
      <a class="brand" href="/">
        <svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="${FLAME}"/></svg>Lamplight</a>
      <form action="/search" role="search">
        <label class="sr" for="q">Search lamps</label>
        <input id="q" name="q" type="search" value="${search}" maxlength="80" placeholder="Search lamps">
        <button>Search</button>
      </form>
      <a class="cart" href="/cart">Cart (${cartCount})</a>
    </div></header>
    <main class="page">${content}</main>
    <footer class="bottom"><div class="page">Lamplight, 7 Wick Lane. Free delivery, and returns for as
      long as the lamp is whole. A demo: nothing is delivered, and nothing is paid.</div></footer>`}
</body></html>`
}

const EUROS = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

/** `€89.00` */
export const formatPrice = (cents: number): string => EUROS.format(cents / 100)
