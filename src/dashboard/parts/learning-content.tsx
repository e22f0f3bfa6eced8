import { describeDuration } from '../../base/duration.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { ActionItemsAnswer, PostmortemsAnswer, TimesAnswer } from '../live/answers.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { useResource } from '../live/use-resource.ts'
import { pageAddress } from '../routing/route.ts'
import { dateTime } from '../words/time-words.ts'
import { TIME_NAMES, TIME_WORDS } from '../words/times-words.ts'
import { ActionItems } from './action-items.tsx'
import { LoadNotice } from './load-notice.tsx'
import { SeverityPill } from './severity-pill.tsx'
import { Skeleton } from './skeleton.tsx'
import '../styles/postmortem.css'

/** The reviews that are due, what is to be done, and how long incidents take over time. */
export function LearningContent() {
  const reviews = useResource<PostmortemsAnswer>(PATHS.postmortems)
  const items = useResource<ActionItemsAnswer>(PATHS.actionItems)
  const times = useResource<TimesAnswer>(addressOf(PATHS.incidentTimes))
  return (
    <>
      <LoadNotice resource={reviews} />
      <section class="card postmortem-section" aria-label="Reviews">
        <h2>Reviews</h2>
        {reviews.data?.data.length === 0 && <p class="quiet">Every review is closed.</p>}
        <ul class="action-items">
          {reviews.data?.data.map(({ incidentId, title, severity, state, dueAt }) => (
            <li key={incidentId}>
              <SeverityPill severity={severity} />
              <a href={pageAddress.postmortem(incidentId)}>
                {incidentId}: {title}
              </a>
              <span class="quiet">{state.replace('_', ' ')}</span>
              {dueAt !== null && (
                <span class={dueAt < coordinatorNow() ? 'tone-failed' : 'quiet'}>
                  {dueAt < coordinatorNow() ? '✗ overdue since ' : 'due '}
                  {dateTime(dueAt)}
                </span>
              )}
            </li>
          ))}
        </ul>
      </section>
      {items.data && <ActionItems items={items.data.data} isOfMany={true} onDone={items.reload} />}
      <LoadNotice resource={times} />
      {times.data ? <Times answer={times.data} /> : <Skeleton rows={6} label="Loading the times" />}
    </>
  )
}

function Times({ answer: { whole, parts, isCut } }: { answer: TimesAnswer }) {
  return (
    <section class="card postmortem-section" aria-label="Times">
      <h2>How long incidents take</h2>
      <p class="quiet">
        Median and 90th percentile of the incidents that know the time, with their number;{' '}
        {whole.incidents} opened since {dateTime(whole.since)}
        {isCut && ', of which the newest are counted'}.
      </p>
      <table class="stacking times">
        <thead>
          <tr>
            <th scope="col">opened</th>
            {TIME_NAMES.map((name) => (
              <th key={name} scope="col">
                {TIME_WORDS[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[whole, ...parts.toReversed()].map((period, index) => (
            <tr key={index === 0 ? 'all' : period.since}>
              <th scope="row">{index === 0 ? 'all' : `from ${dateTime(period.since)}`}</th>
              {TIME_NAMES.map((name) => (
                <td key={name} data-label={TIME_WORDS[name]}>
                  <Summary {...period.times[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Summary(props: { count: number; medianMs: number | null; p90Ms: number | null }) {
  const { count, medianMs, p90Ms } = props
  if (medianMs === null || p90Ms === null) return <span class="quiet">–</span>
  return (
    <>
      {describeDuration(medianMs)}{' '}
      <span class="quiet">
        p90 {describeDuration(p90Ms)}, n = {count}
      </span>
    </>
  )
}
