import { coordinatorNow, secondsStore } from '../live/coordinator-time.ts'
import { useValue } from '../live/use-value.ts'
import { ageWords, fullTime, momentWords } from '../words/time-words.ts'

const iso = (instant: number) => new Date(instant).toISOString()

/** How long ago something was, counting on: `12 min`. The whole time is its title. */
export function Age({ at, suffix = '' }: { at: number; suffix?: string }) {
  useValue(secondsStore)
  return (
    <time dateTime={iso(at)} title={fullTime(at)}>
      {ageWords(coordinatorNow() - at)}
      {suffix}
    </time>
  )
}

/** A time of day, with its date when that is not today's. The whole time is its title. */
export function Moment({ at }: { at: number }) {
  return (
    <time dateTime={iso(at)} title={fullTime(at)}>
      {momentWords(at, coordinatorNow())}
    </time>
  )
}
