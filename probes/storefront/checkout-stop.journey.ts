import { journey } from 'firewatch'
import { shopPages } from './shop-pages.ts'

const LAMP = 'Marlow table lamp'

/** Somebody buys a lamp, up to the button that would order it. The order is never placed. */
export default journey({ never: ['POST **/orders'] }, async ({ page, step, target }) => {
  const shop = shopPages(page, target)
  await step('open the homepage', () => shop.openHomepage())
  await step('search for a lamp', () => shop.search('marlow'))
  await step('open the lamp', () => shop.openResult(LAMP))
  await step('put it into the cart', () => shop.putIntoCart(LAMP))
  await step('open the cart', () => shop.openCart(LAMP))
  await step('go to checkout', () => shop.goToCheckout())
  await step('fill in the address', () => shop.fillAddress())
  await step('stop before ordering', () => shop.expectReadyToOrder())
})
