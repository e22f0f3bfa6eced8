import { browserClock } from './browser-clock.ts'
import { createValueStore } from './value-store.ts'

/**
 * Ages are told by the coordinator's clock: a phone whose clock is wrong must not make an incident
 * look a day old. The difference is learned from every answer that tells the time.
 */
let offsetMs = 0

export function learnCoordinatorTime(coordinatorNow: number): void {
  offsetMs = coordinatorNow - browserClock.now()
}

export const coordinatorNow = (): number => browserClock.now() + offsetMs

/** The same once a second, for texts such as "3 s old". */
export const secondsStore = createValueStore(browserClock.now())

const SECOND_MS = 1_000

export function startSeconds(): void {
  setInterval(() => secondsStore.set(coordinatorNow()), SECOND_MS)
}
