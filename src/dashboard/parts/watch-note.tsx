import type { Incident } from '../../protocol/incident.ts'
import { pageAddress } from '../routing/route.ts'
import { Moment } from './moment.tsx'

/** While a restored incident is watched closer: until when, and what is tighter. */
export function WatchNote({ watch }: Pick<Incident, 'watch'>) {
  if (!watch) return null
  return (
    <section class="card" aria-label="Watch">
      <p>
        <strong>
          Watched closer until <Moment at={watch.until} />
        </strong>
        . Checks are run twice as often, by tighter rules; then the usual ones hold again by
        themselves. What comes back before reopens this incident.
      </p>
      <ul>
        {watch.checks.map(({ checkId, name, changes }) => (
          <li key={checkId}>
            <a href={pageAddress.check(checkId)}>{name}</a>
            {changes.length > 0 && <span class="quiet"> {changes.join(', ')}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}
