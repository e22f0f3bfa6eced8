import { browserClock, browserRandom } from './browser-clock.ts'
import { createConnection } from './connection.ts'
import { openEventSource } from './open-event-source.ts'

/** The page's connection; every part of the page shares it. */
export const pageConnection = createConnection(openEventSource, {
  clock: browserClock,
  random: browserRandom,
})
