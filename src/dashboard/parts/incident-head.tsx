import type { MeasuredDetection } from '../../protocol/detection.ts'
import type { Incident } from '../../protocol/incident.ts'
import { detectionWords } from '../words/detection-words.ts'
import { isOpenState, STATE_WORDS } from '../words/incident-words.ts'
import { Age, Moment } from './moment.tsx'
import { SeverityPill } from './severity-pill.tsx'

/** What is wrong, how bad, and since when. */
export function IncidentHead({
  incident,
  headline,
  detection,
}: {
  incident: Incident
  headline: string
  detection?: MeasuredDetection | undefined
}) {
  const { state, severity, openedAt, impactStartedAt, generation, dataAtRisk } = incident
  const isOpen = isOpenState(state)
  return (
    <div class="incident-head">
      <p class="incident-facts">
        <SeverityPill severity={severity} />
        <strong title={STATE_WORDS[state].meaning}>{STATE_WORDS[state].word}</strong>
        <span>
          {isOpen ? 'open ' : 'opened '}
          <Age at={openedAt} suffix={isOpen ? '' : ' ago'} />
          <span class="quiet">
            , since <Moment at={openedAt} />
          </span>
        </span>
        <span>
          impact {isOpen && incident.recoveredAt === undefined && <Age at={impactStartedAt} />}
          <span class="quiet">
            {' '}
            since <Moment at={impactStartedAt} />
            {incident.recoveredAt !== undefined && (
              <>
                {' '}
                until <Moment at={incident.recoveredAt} />
              </>
            )}
          </span>
        </span>
        <span class="quiet">{incident.id}</span>
        {generation > 1 && (
          <span class="quiet" title="Raised each time it becomes wider or comes back">
            generation {generation}
          </span>
        )}
      </p>
      <p class="lead">{headline}</p>
      {dataAtRisk && (
        <p class="data-at-risk">
          <strong>Data may be lost or wrong:</strong> {dataAtRisk.what}{' '}
          <span class="quiet">
            · {dataAtRisk.by}, <Age at={dataAtRisk.at} suffix=" ago" />
          </span>
        </p>
      )}
      {detection && <p class="quiet">{detectionWords(detection)}</p>}
    </div>
  )
}
