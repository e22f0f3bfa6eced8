import { type Html, html } from '../html.ts'

export const notFoundPage = html`<h1>We do not have that</h1>
  <p>There is nothing at this address. <a href="/search?q=">See all lamps</a></p>`

export const refusedPage = (reason: string): Html => html`<h1>That did not work</h1>
  <p>${reason}</p><p><a class="button" href="/cart">Back to the cart</a></p>`

/** Says nothing of what went wrong; the log does. */
export const brokenPage = html`<h1>Something went wrong</h1>
  <p>The fault is ours, and nothing was charged. Please try again in a few minutes.</p>`

/** As a load balancer says it when the program behind it does not answer: bare, and not ours. */
export const BAD_GATEWAY = `<!doctype html>
<html lang="en"><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>lamplight-edge: no answer from orders</center></body></html>
`
