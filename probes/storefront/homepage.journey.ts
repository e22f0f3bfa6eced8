import { journey } from 'firewatch'
import { shopPages } from './shop-pages.ts'

/** Somebody opens the shop, and finds lamps on its first page. */
export default journey(async ({ page, step, target }) => {
  const shop = shopPages(page, target)
  await step('open the homepage', () => shop.openHomepage())
})
