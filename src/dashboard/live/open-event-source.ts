import type { LiveEvent } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import type { OpenStream } from './connection.ts'
import { learnCoordinatorTime } from './coordinator-time.ts'

const EVENT_TYPES: { readonly [T in LiveEvent['type']]: true } = {
  hello: true,
  alive: true,
  slot: true,
  alert: true,
  incident: true,
  region: true,
  objective: true,
  silence: true,
  on_call: true,
  artifact: true,
}

/** Opens the coordinator's stream. Trying again is left to the connection, which knows when. */
export const openEventSource: OpenStream = ({ onEvent, onBroken }) => {
  const source = new EventSource(PATHS.events)
  for (const type of Object.keys(EVENT_TYPES))
    source.addEventListener(type, (message) => {
      const event = JSON.parse(message.data) as LiveEvent
      if (event.type === 'hello' || event.type === 'alive') learnCoordinatorTime(event.now)
      onEvent(event)
    })
  source.addEventListener('error', onBroken)
  return () => source.close()
}
