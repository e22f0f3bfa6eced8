import { subscribe } from 'node:diagnostics_channel'

/**
 * Loaded into a coordinator before anything else (`node --import`): kills it, as `kill -9` does, at the
 * moment that FAILPOINT names, `<at> <part of a delivery's id>`, such as `sent .phone`.
 */
const [at, part = ''] = (process.env.FAILPOINT ?? '').split(' ')

subscribe('firewatch.delivery', (message) => {
  const told = /** @type {{ at: string, deliveryId: string }} */ (message)
  if (told.at === at && told.deliveryId.includes(part)) process.kill(process.pid, 'SIGKILL')
})
