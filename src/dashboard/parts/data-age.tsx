import { coordinatorNow, secondsStore } from '../live/coordinator-time.ts'
import { pageConnection } from '../live/page-connection.ts'
import { useValue } from '../live/use-value.ts'
import { ageWords, fullTime } from '../words/time-words.ts'

/** How old the newest run is, and whether the page would hear of a newer one. */
export function DataAge({ newestRunAt }: { newestRunAt: number | undefined }) {
  useValue(secondsStore)
  const { state } = useValue(pageConnection.status)
  const age = newestRunAt === undefined ? undefined : ageWords(coordinatorNow() - newestRunAt)
  const words = age === undefined ? 'no data yet' : `data ${age} old`
  const isLive = state === 'live'
  const title = newestRunAt === undefined ? '' : `Newest run: ${fullTime(newestRunAt)}. `
  return (
    <span class={`data-age data-age-${state}`} title={`${title}${isLive ? 'Live.' : 'Not live.'}`}>
      {words} <span aria-hidden="true">{isLive ? '●' : '○'}</span>
      <span class="unseen">{isLive ? ', live' : ', not live'}</span>
    </span>
  )
}
