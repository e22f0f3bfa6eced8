import { useState } from 'preact/hooks'
import type { IncidentEvent } from '../../protocol/incident.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer, IncidentFinding } from '../live/answers.ts'
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
import type { ActionField } from '../words/incident-actions.ts'
import { zoneWords } from '../words/time-words.ts'
import { CommandDialog } from './command-dialog.tsx'
import { FilterLinks } from './filter-links.tsx'
import { Age, Moment } from './moment.tsx'
import { SweepResult } from './sweep-result.tsx'

/** What was written down so much later than it happened was dated back, and says so. */
const TOLD_LATE_MS = 60_000

/** Everything that happened to an incident, newest first. */
export function Timeline(props: {
  events: readonly IncidentEvent[]
  findings: readonly IncidentFinding[]
  corrections: Corrections
  incidentId: string
  onDone(): void
}) {
  const { events, findings, corrections, incidentId, onDone } = props
  const [correcting, correct] = useState<IncidentEvent>()
  const close = () => correct(undefined)
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
          <TimelineEntry
            key={event.sequence}
            event={event}
            subjectOf={subjectOf}
            corrected={corrections.find(({ sequence }) => sequence === event.sequence)}
            onCorrect={() => correct(event)}
          />
        ))}
        {shown.length === 0 && <li class="empty">Nothing of this kind has happened.</li>}
      </ol>
      {correcting && (
        <CommandDialog
          title="Correct the entry"
          means="What it says now stays to be seen. Leave empty what is right."
          address={addressOf(PATHS.incidentCommand, { incidentId, command: 'correct' })}
          fields={CORRECTION_FIELDS}
          says={{ target: correcting.sequence }}
          isOfNow
          onClose={close}
          onDone={() => {
            close()
            onDone()
          }}
        />
      )}
    </section>
  )
}

/** Of a finding that is no longer the incident's. */
function subjectIn(events: readonly IncidentEvent[], key: string): string | undefined {
  for (const event of events)
    if (event.type === 'finding_joined' && event.finding.key === key) return event.finding.subject
  return undefined
}

const CORRECTION_FIELDS: readonly ActionField[] = [
  { kind: 'words', name: 'text', label: 'What it should say', isNeeded: false },
  { kind: 'time', name: 'happenedAt', label: 'When it was', hint: 'as it is when empty' },
  { kind: 'words', name: 'reason', label: 'Reason', isNeeded: true },
]

type Corrections = NonNullable<IncidentAnswer['leading']>['corrections']

/** What was measured, read by others, or is a correction itself is not corrected. */
const isCorrectable = ({ actor, type }: IncidentEvent) =>
  actor.kind === 'person' && type !== 'corrected' && type !== 'update_posted'

function TimelineEntry(props: {
  event: IncidentEvent
  subjectOf: (key: string) => string
  corrected: Corrections[number] | undefined
  onCorrect(): void
}) {
  const { event, subjectOf, corrected, onCorrect } = props
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
          {isCorrectable(event) && (
            <button
              type="button"
              class="correct-button"
              aria-label={`Correct: ${what}`}
              onClick={onCorrect}
            >
              Correct
            </button>
          )}
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
        {corrected && (
          <p class="corrected">
            <strong>Corrected</strong>
            {corrected.text !== undefined && <>: {corrected.text}</>}
            {corrected.occurredAt !== undefined && (
              <>
                ; it was <Moment at={corrected.occurredAt} />
              </>
            )}{' '}
            <span class="quiet">
              · {corrected.by}, <Moment at={corrected.at} />: {corrected.reason}
            </span>
          </p>
        )}
      </div>
    </li>
  )
}
