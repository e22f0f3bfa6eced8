import { expect as firewatchExpect } from 'firewatch'
import type { Page, Response } from 'playwright'

/** Who waits longer than this for a page of the shop has gone to another one. */
const PATIENCE_MS = 3_000

const expect = firewatchExpect.configure({ timeout: PATIENCE_MS })

/** The shop as a visitor sees it: one function for each thing to do, in words from its pages. */
export function shopPages(page: Page, target: string) {
  page.setDefaultTimeout(PATIENCE_MS)
  page.setDefaultNavigationTimeout(PATIENCE_MS)

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name })
  const results = page.getByRole('list', { name: 'Search results' })

  /** Does what leads to another page, and fails with that page's status if it is an error. */
  async function follow(act: () => Promise<unknown>): Promise<void> {
    const answer = page.waitForResponse(isFinalDocument).catch(sayWhatWasAwaited)
    const [response] = await Promise.all([answer, act()])
    expectAnswer(response)
  }

  return {
    async openHomepage() {
      await follow(() => page.goto(target))
      await expect(heading('Light for every evening')).toBeVisible()
      const featured = page.getByRole('list', { name: 'Featured lamps' }).getByRole('listitem')
      await expect(featured.first()).toBeVisible()
    },

    async search(text: string) {
      await page.getByRole('searchbox', { name: 'Search lamps' }).fill(text)
      await follow(() => page.getByRole('button', { name: 'Search' }).click())
      await expect(heading(`Results for “${text}”`)).toBeVisible()
      await expect(results.getByRole('listitem').first()).toBeVisible()
    },

    async openResult(name: string) {
      await follow(() => results.getByRole('link', { name }).click())
      await expect(heading(name)).toBeVisible()
    },

    /** Lands in the cart, which must then hold the lamp. */
    async putIntoCart(name: string) {
      await follow(() => page.getByRole('button', { name: 'Add to cart' }).click())
      await expect(page.getByRole('cell', { name })).toBeVisible()
    },

    async openCart(name: string) {
      await follow(() => page.getByRole('link', { name: /^Cart/ }).click())
      await expect(heading('Your cart')).toBeVisible()
      await expect(page.getByRole('cell', { name })).toBeVisible()
    },

    async removeFromCart(name: string) {
      await follow(() => page.getByRole('button', { name: `Remove ${name}` }).click())
      await expect(page.getByText('Your cart is empty')).toBeVisible()
    },

    async goToCheckout() {
      await follow(() => page.getByRole('link', { name: 'Go to checkout' }).click())
      await expect(heading('Checkout')).toBeVisible()
    },

    async fillAddress() {
      await page.getByRole('textbox', { name: 'Full name' }).fill('Firewatch Probe')
      await page.getByRole('textbox', { name: 'E-mail' }).fill('probe@firewatch.test')
      await page.getByRole('textbox', { name: 'Street and number' }).fill('7 Wick Lane')
      await page.getByRole('textbox', { name: 'Postcode' }).fill('12345')
      await page.getByRole('textbox', { name: 'City' }).fill('Lamplight')
    },

    /** The last thing to see before an order; nobody clicks it. */
    async expectReadyToOrder() {
      await expect(page.getByRole('button', { name: 'Place order' })).toBeEnabled()
    },
  }
}

const isFinalDocument = (response: Response) =>
  response.request().isNavigationRequest() && (response.status() < 300 || response.status() >= 400)

function sayWhatWasAwaited(cause: Error): never {
  if (cause.name !== 'TimeoutError') throw cause
  throw new Error(`the shop did not answer within ${PATIENCE_MS / 1_000} s`, { cause })
}

function expectAnswer(response: Response): void {
  if (response.ok()) return
  const { pathname } = new URL(response.url())
  throw new Error(`${pathname} answered ${response.status()} ${response.statusText()}`)
}
