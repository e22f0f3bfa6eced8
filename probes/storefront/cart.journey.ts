import { journey } from 'firewatch'
import { shopPages } from './shop-pages.ts'

const LAMP = 'Hazel table lamp'

/** Somebody puts a lamp into the cart, finds it there, and changes their mind. */
export default journey(async ({ page, step, target }) => {
  const shop = shopPages(page, target)
  await step('open the homepage', () => shop.openHomepage())
  await step('search for a lamp', () => shop.search('hazel'))
  await step('open the lamp', () => shop.openResult(LAMP))
  await step('put it into the cart', () => shop.putIntoCart(LAMP))
  await step('open the cart', () => shop.openCart(LAMP))
  await step('take it out again', () => shop.removeFromCart(LAMP))
})
