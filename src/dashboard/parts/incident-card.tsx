import type { IncidentSummary } from '../../protocol/public-api.ts'
import { pageAddress } from '../routing/route.ts'
import { isOpenState } from '../words/incident-words.ts'
import { Age, Moment } from './moment.tsx'
import { SeverityPill } from './severity-pill.tsx'

/** An incident in three lines: how bad, what, since when. */
export function IncidentCard({ incident }: { incident: IncidentSummary }) {
  const isOpen = isOpenState(incident.state)
  const isClear = incident.recoveredAt !== undefined
  return (
    <li
      class={`card incident-card${isOpen && !isClear ? '' : ' incident-clear'}`}
      data-incident={incident.id}
    >
      <div class="incident-line">
        <SeverityPill severity={incident.severity} />
        <a class="incident-title" href={pageAddress.incident(incident.id)}>
          {incident.title}
        </a>
        <span class="incident-facts">
          <strong>{incident.state}</strong>
          <span>
            {isOpen ? (
              <>
                open <Age at={incident.openedAt} />
              </>
            ) : (
              <>
                opened <Age at={incident.openedAt} suffix=" ago" />
              </>
            )}
          </span>
          <span class="quiet">
            impact since <Moment at={incident.impactStartedAt} />
          </span>
          <span class="quiet">{incident.id}</span>
        </span>
      </div>
      <p class="incident-headline">
        {incident.headline}
        {incident.recoveredAt !== undefined && (
          <span class="tone-passed">
            {' '}
            ✓ recovered <Age at={incident.recoveredAt} suffix=" ago" />
          </span>
        )}
      </p>
    </li>
  )
}
