import { journey } from 'firewatch'
import { shopPages } from './shop-pages.ts'

/** Somebody looks for a lamp by a word of its name, and opens what is found. */
export default journey(async ({ page, step, target }) => {
  const shop = shopPages(page, target)
  await step('open the homepage', () => shop.openHomepage())
  await step('search for a lamp', () => shop.search('lamp'))
  await step('open a result', () => shop.openResult('Marlow table lamp'))
})
