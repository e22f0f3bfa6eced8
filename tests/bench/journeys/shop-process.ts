import { join } from 'node:path'
import { createShop } from '../../../src/demo/shop/shop.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'

/** The demo shop in a process of its own, whose work is nobody's. */
const shop = createShop({
  dataFolder: join(process.argv[2] ?? '', 'shop'),
  regions: [],
  clock: systemClock,
  logger: createLogger('shop', 'error'),
})
process.on('disconnect', () => void shop.stop().finally(() => process.exit(0)))
const { url } = await shop.start()
process.send?.({ url })
