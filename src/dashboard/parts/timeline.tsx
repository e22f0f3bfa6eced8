import type { IncidentEvent } from '../../protocol/incident.ts'
import type { IncidentFinding } from '../live/answers.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { pageAddress } from '../routing/route.ts'
import { useFilter } from '../routing/use-filter.ts'
import {
  actorWords,
  eventWords,
  isShownBy,
  TIMELINE_FILTERS,
  timelineFilterOf,
} from '../words/event-words.ts'
import { zoneWords } from '../words/time-words.ts'
import { FilterLinks } from './filter-links.tsx'
import { Age, Moment } from './moment.tsx'
import { SweepResult } from './sweep-result.tsx'

/** What was written down so much later than it happened was dated back, and says so. */
const TOLD_LATE_MS = 60_000

/** Everything that happened to an incident, newest first. */
export function Timeline(props: {
  events: readonly IncidentEvent[]
  findings: readonly IncidentFinding[]
}) {
  const { events, findings } = props
  const filter = timelineFilterOf(useFilter('show'))
  const shown = events
    .filter((event) => isShownBy(filter, event) && event.type !== 'finding_counted')
    .toSorted((a, b) => b.occurredAt - a.occurredAt || b.sequence - a.sequence)
  const subjectOf = (key: string) =>
    findings.find((finding) => finding.key === key)?.subject ??
    subjectIn(events, key) ??
    key.replace(/^\w+:/, '')
  return (
    <section aria-label="Timeline">
      <div class="toolbar">
        <h2>Timeline</h2>
        <FilterLinks
          label="Which entries of the timeline"
          name="show"
          options={TIMELINE_FILTERS.map((value) => ({ value, text: value }))}
        />
        <span class="quiet">newest first, {zoneWords(coordinatorNow())}</span>
      </div>
      <ol class="card timeline" reversed>
        {shown.map((event) => (
          <TimelineEntry key={event.sequence} event={event} subjectOf={subjectOf} />
        ))}
        {shown.length === 0 && <li class="empty">Nothing of this kind has happened.</li>}
      </ol>
    </section>
  )
}

/** Of a finding that is no longer the incident's. */
function subjectIn(events: readonly IncidentEvent[], key: string): string | undefined {
  for (const event of events)
    if (event.type === 'finding_joined' && event.finding.key === key) return event.finding.subject
  return undefined
}

function TimelineEntry(props: { event: IncidentEvent; subjectOf: (key: string) => string }) {
  const { event, subjectOf } = props
  const { what, detail } = eventWords(event, subjectOf)
  return (
    <li class={`event event-${event.type}`}>
      <p class="event-when">
        <Moment at={event.occurredAt} />
        <span class="quiet">
          <Age at={event.occurredAt} suffix=" ago" />
          {event.recordedAt - event.occurredAt > TOLD_LATE_MS && event.actor.kind === 'person' && (
            <>
              , written down <Moment at={event.recordedAt} />
            </>
          )}
        </span>
      </p>
      <div class="event-what">
        <p>
          <span class="event-sentence">{what}</span>{' '}
          <span class="quiet">· {actorWords(event.actor)}</span>
          {event.type === 'evidence_added' && (
            <>
              {' '}
              <a href={pageAddress.run(event.evidence.runId)}>
                run<span class="unseen"> of {event.evidence.regionId}</span>
              </a>
            </>
          )}
        </p>
        {event.type === 'swept' && <SweepResult result={event.result} />}
        {detail !== undefined && <p class="quiet event-detail">{detail}</p>}
      </div>
    </li>
  )
}
