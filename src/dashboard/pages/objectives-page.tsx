import { describeDuration } from '../../base/duration.ts'
import type { LiveEvent } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import type { ObjectivesAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { BudgetBar } from '../parts/budget-bar.tsx'
import { Facts } from '../parts/facts.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { TicketLink } from '../parts/ticket-link.tsx'
import { pageAddress } from '../routing/route.ts'
import {
  basisWords,
  burnWords,
  objectivesSentence,
  promiseWords,
  STATE_WORDS,
  tallyWords,
} from '../words/objective-words.ts'
import { UNKNOWN } from '../words/quantity.ts'

type Entry = ObjectivesAnswer['data'][number]

const follow = {
  reloadGapMs: (event: LiveEvent) => (event.type === 'objective' ? RELOAD_GAP_MS : undefined),
}

export function ObjectivesPage() {
  const resource = useResource<ObjectivesAnswer>(PATHS.objectives, follow)
  const entries = resource.data?.data
  return (
    <>
      <PageHeading title="Objectives">
        {entries ? objectivesSentence(entries) : 'Loading …'}
      </PageHeading>
      <LoadNotice resource={resource} />
      {!entries && <Skeleton rows={6} label="Loading the objectives" />}
      {entries?.length === 0 && (
        <p class="card empty">
          An objective says what share of a service's runs, or requests, must be good, and over
          which time. Write one under <code>objectives</code> in <code>config/services.yaml</code>.
        </p>
      )}
      <div class="objectives">
        {entries?.map((entry) => (
          <ObjectiveCard key={entry.objective.id} entry={entry} />
        ))}
      </div>
    </>
  )
}

function ObjectiveCard({ entry: { objective, status, windows } }: { entry: Entry }) {
  const state = status && STATE_WORDS[status.state]
  return (
    <section class="card objective" aria-label={objective.id}>
      <div class="objective-head">
        <h2>
          {objective.name} <span class="quiet">{objective.serviceId}</span>
        </h2>
        <span class={state?.tone ?? 'tone-unknown'}>
          <span aria-hidden="true">{state?.sign ?? '…'} </span>
          {state?.word ?? 'not evaluated yet'}
          {status?.action !== undefined && ` (${status.action})`}
        </span>
      </div>
      <p>{promiseWords(objective)}</p>
      {status && (
        <>
          <BudgetBar status={status} />
          {status.state === 'quiet' && <p>{status.outlook}</p>}
          <p class="quiet">
            Since <Moment at={status.since} />: {status.reason}
          </p>
          {status.ticket?.opened && (
            <p>
              Ticket <TicketLink ticket={status.ticket.opened} />
              {status.ticket.isOver && <span class="quiet"> (it has stopped burning since)</span>}
            </p>
          )}
          {status.traffic?.problem && (
            <p class="tone-unknown">
              Traffic cannot be counted since <Moment at={status.traffic.problem.since} />:{' '}
              {status.traffic.problem.reason}. It is counted up to{' '}
              <Moment at={status.traffic.countedUntil} />.
            </p>
          )}
          <Facts
            facts={[
              ['stands on', basisWords(objective)],
              ['whole period', tallyWords(status.period, objective)],
              ['last hour', tallyWords(status.lastHour, objective)],
              ['burns now', burnWords(status.burnRate)],
            ]}
          />
        </>
      )}
      <details>
        <summary>When it alerts, and what counts</summary>
        <Windows windows={windows} />
        <Counted objective={objective} />
      </details>
    </section>
  )
}

function Counted({ objective: { checks, traffic } }: Pick<Entry, 'objective'>) {
  if (traffic)
    return (
      <p>
        Requests count that Prometheus has counted, in spans of five minutes: the good ones by{' '}
        <code>{traffic.good}</code>, all by <code>{traffic.total}</code>. A window needs at least
        ten bad requests; a span without numbers counts neither way, and is never good.
      </p>
    )
  return (
    <p>
      Runs of{' '}
      {checks.map((checkId, index) => (
        <>
          {index > 0 && ', '}
          <a href={pageAddress.check(checkId)}>{checkId}</a>
        </>
      ))}{' '}
      count. A window needs at least three bad runs, from two regions; runs that could not be
      measured count neither way.
    </p>
  )
}

function Windows({ windows }: Pick<Entry, 'windows'>) {
  return (
    <table class="stacking">
      <thead>
        <tr>
          <th scope="col">alert</th>
          <th scope="col">over</th>
          <th scope="col">from a burn rate of</th>
          <th scope="col">budget spent then</th>
          <th scope="col">a total outage is seen after</th>
        </tr>
      </thead>
      <tbody>
        {windows.map(({ action, longMs, shortMs, burnRate, budgetShare, outageDetectedMs }) => (
          <tr key={longMs}>
            <th scope="row">{action}</th>
            <td data-label="over">
              {describeDuration(longMs)} and {describeDuration(shortMs)}
            </td>
            <td data-label="from a burn rate of">{Number(burnRate.toFixed(2))}</td>
            <td data-label="budget spent then">{Math.round(budgetShare * 100)} %</td>
            <td data-label="a total outage is seen after">
              {outageDetectedMs === null ? UNKNOWN : describeDuration(outageDetectedMs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
