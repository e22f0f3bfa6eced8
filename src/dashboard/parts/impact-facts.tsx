import type { ComponentChildren } from 'preact'
import { describeDuration } from '../../base/duration.ts'
import type { ImpactNumber, TriageCard } from '../../protocol/triage-card.ts'
import { missingWords, shareWords, usersWords } from '../words/impact-words.ts'
import { count, joinNames, percentWords, UNKNOWN } from '../words/quantity.ts'
import { SCOPE_WORDS } from '../words/triage-words.ts'
import { Age } from './moment.tsx'

type Fact = readonly [string, ComponentChildren]

/** The reach of the harm: users, share, revenue where it is stated, where, and of what; each with its source. */
export function impactFacts({ affected, howBad }: TriageCard): Fact[] {
  const { users, share, scope, regions, segment, services, revenue = [], tables = [] } = affected
  return [
    [
      'Users',
      users ? (
        <Estimate number={users} words={usersWords(users)} />
      ) : (
        <span class="quiet">{UNKNOWN} no query of its services counts them</span>
      ),
    ],
    [
      'Share',
      share ? (
        <Estimate number={share} words={shareWords(share)} />
      ) : (
        <RunShare failing={howBad.failing} />
      ),
    ],
    ...revenue.map(
      ({ name, words }): Fact => [services.length === 1 ? 'Revenue' : `Revenue of ${name}`, words],
    ),
    [
      'Where',
      <>
        {`${SCOPE_WORDS[scope]}${regions.length > 0 ? `: ${joinNames(regions)}` : ''}${segment === undefined ? '' : `, ${segment} alone`}`}
        {tables.map((table) =>
          table.segment === undefined ? null : (
            <span key={table.queryId} class="event-detail">
              <strong>{table.segment}</strong> <span class="quiet">{table.name}</span>
            </span>
          ),
        )}
      </>,
    ],
    [services.length === 1 ? 'Service' : 'Services', joinNames(services.map(({ name }) => name))],
  ]
}

/** A number that is an estimate, and never shown without what it counts. */
function Estimate({ number, words }: { number: ImpactNumber; words: string | undefined }) {
  const { means, source, asked } = number
  return (
    <>
      {words === undefined ? (
        <span class="quiet">
          {UNKNOWN} {missingWords(number)}
        </span>
      ) : (
        <strong>{words}</strong>
      )}{' '}
      <span class="quiet">
        {means} · {source}
        {asked && (
          <>
            , <Age at={asked.at} suffix=" ago" />
          </>
        )}
      </span>
    </>
  )
}

function RunShare({ failing }: { failing: TriageCard['howBad']['failing'] }) {
  if (!failing || failing.runs === 0) return <span class="quiet">{UNKNOWN}</span>
  const { failed, runs, windowMs } = failing
  return (
    <>
      <strong>{percentWords(failed, runs)}</strong>{' '}
      <span class="quiet">
        of {count(runs, 'run')} of the affected checks, last {describeDuration(windowMs)}
      </span>
    </>
  )
}
