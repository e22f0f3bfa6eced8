import { pageConnection } from '../live/page-connection.ts'
import { useValue } from '../live/use-value.ts'
import { clockTime } from '../words/time-words.ts'

/** A page that does not hear of changes says so, and from when its data is. */
export function ConnectionBanner() {
  const { state, heardAt } = useValue(pageConnection.status)
  if (state !== 'lost') return null
  return (
    <div class="banner" role="alert">
      <span aria-hidden="true">○ </span>
      <strong>Connection lost.</strong>{' '}
      {heardAt === undefined
        ? 'Nothing could be loaded yet; trying again.'
        : `Showing data from ${clockTime(heardAt)}; trying again.`}
    </div>
  )
}
