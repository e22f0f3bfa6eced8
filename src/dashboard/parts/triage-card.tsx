import type { ComponentChildren } from 'preact'
import { describeDuration } from '../../base/duration.ts'
import type { TriageCard as Card, SimilarIncident } from '../../protocol/triage-card.ts'
import { pageAddress } from '../routing/route.ts'
import { STATE_WORDS } from '../words/incident-words.ts'
import { count, joinNames, percentWords } from '../words/quantity.ts'
import { ageWords } from '../words/time-words.ts'
import { ALIKE_WORDS, CHANGE_WORDS, FIXED_WORDS, LAYER_WORDS } from '../words/triage-words.ts'
import { Facts } from './facts.tsx'
import { impactFacts } from './impact-facts.tsx'
import { Age, Moment } from './moment.tsx'
import { ReadingRows } from './reading-table.tsx'

/** The three questions of the first minute, answered; who agrees, and what was alike before. */
export function TriageCard({ card }: { card: Card }) {
  return (
    <section class="card triage" aria-label="Triage">
      <div class="triage-questions">
        <HowBad card={card} />
        <Affected card={card} />
        <Needed card={card} />
      </div>
      {card.pointsTo?.map(({ question, words }) => (
        <p key={words} class="triage-layers">
          <strong>{question}</strong> {words}
        </p>
      ))}
      <Corroboration card={card} />
      <ChangesBefore card={card} />
      <UsersSay card={card} />
      {card.similar.length > 0 && (
        <div class="triage-similar">
          <h3>Similar before</h3>
          <ul>
            {card.similar.map((similar) => (
              <Similar key={similar.incidentId} similar={similar} />
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}

type Fact = readonly [string, ComponentChildren]

function HowBad({ card: { howBad } }: { card: Card }) {
  const { severity, sentence, failing, since, firstEvidence, timeInSeverity } = howBad
  const facts: Fact[] = [
    ...(failing ? [['Failing', <Ratio key="r" failing={failing} />] as const] : []),
    [
      'Since',
      <>
        <Moment at={since} /> (<Age at={since} suffix=" ago" />)
        {firstEvidence && (
          <>
            {', first seen by '}
            <a href={pageAddress.run(firstEvidence.runId)}>
              {firstEvidence.checkName} in {firstEvidence.regionId}
            </a>
          </>
        )}
      </>,
    ],
    [
      'Time in severity',
      timeInSeverity.map((time) => `${time.severity} ${ageWords(time.ms)}`).join(', '),
    ],
  ]
  return (
    <div>
      <h2>How bad</h2>
      <blockquote class="severity-reason">
        {sentence} <span class="quiet">— why it is {severity}</span>
      </blockquote>
      <Facts facts={facts} />
    </div>
  )
}

function Ratio({ failing }: { failing: NonNullable<Card['howBad']['failing']> }) {
  const { failed, runs, windowMs } = failing
  const window = describeDuration(windowMs)
  if (runs === 0) return <>no conclusive run in the last {window}</>
  return (
    <>
      <strong>{percentWords(failed, runs)}</strong>{' '}
      <span class="quiet">
        ({failed} of {count(runs, 'run')} of the affected checks in the last {window})
      </span>
    </>
  )
}

function Affected({ card }: { card: Card }) {
  const { affected } = card
  const { checks, more, checksFailing, checksWatching } = affected
  const { firstBroken } = affected
  const facts: Fact[] = [
    ...impactFacts(card),
    ['Checks', `${checksFailing} of ${checksWatching} that watch fail`],
    ...(firstBroken
      ? [
          [
            'First broken layer',
            <>
              <strong>{firstBroken.layer}</strong>: {firstBroken.message}{' '}
              <a href={pageAddress.run(firstBroken.runId)}>
                {firstBroken.checkName} in {firstBroken.regionId}
              </a>
            </>,
          ] as const,
        ]
      : []),
  ]
  return (
    <div>
      <h2>What is affected</h2>
      <Facts facts={facts} />
      {(affected.tables ?? []).map(({ queryId, name, table, at }) => (
        <div key={queryId} class="triage-table">
          <ReadingRows caption={`${name} by ${table.by}`} table={table} />
          <p class="quiet">
            <Age at={at} suffix=" ago" />
          </p>
        </div>
      ))}
      <ul class="triage-checks">
        {checks.map(({ checkId, name, isJourney, step, regions: where, regionsWatching }) => (
          <li key={checkId}>
            {isJourney ? 'journey ' : 'check '}
            <a href={pageAddress.check(checkId)}>{name}</a>
            {step !== undefined && <>, step “{step}”</>}{' '}
            <span class="quiet">
              {where.length} of {count(Math.max(where.length, regionsWatching), 'region')}
            </span>
          </li>
        ))}
        {more > 0 && <li class="quiet">and {more.toLocaleString('en')} more</li>}
      </ul>
    </div>
  )
}

function Needed({ card: { needed } }: { card: Card }) {
  const { owners, acknowledged, links = [] } = needed
  const facts: Fact[] = [
    ...owners.map(
      ({ owner, name }): Fact => [`Owner of ${name}`, <strong key="o">{owner}</strong>],
    ),
    ...(owners.length === 0 ? [['Owner', 'none is named in config/services.yaml'] as const] : []),
    ...(links.length > 0
      ? [
          [
            'Look at',
            links.map(({ name, url }, index) => (
              <span key={url}>
                {index > 0 && ', '}
                <a href={url} rel="noreferrer">
                  {name}
                </a>
              </span>
            )),
          ] as const,
        ]
      : []),
    [
      'Acknowledged',
      acknowledged ? (
        <>
          <strong>{acknowledged.by}</strong>, <Age at={acknowledged.at} suffix=" ago" />
          {!acknowledged.isCurrent && ', before it became wider or worse'}
        </>
      ) : (
        'by nobody yet'
      ),
    ],
  ]
  return (
    <div>
      <h2>Who is needed</h2>
      <Facts facts={facts} />
    </div>
  )
}

function Corroboration({ card: { corroboration } }: { card: Card }) {
  const { seen, notSeen } = corroboration
  return (
    <p class="triage-layers">
      <strong>{seen.length === 0 ? 'No layer has seen it' : 'Seen by'}</strong>{' '}
      {seen.map(({ layer, findings }, index) => (
        <span key={layer}>
          {index > 0 && ', '}
          {LAYER_WORDS[layer]} <span class="quiet">({findings})</span>
        </span>
      ))}
      {notSeen.length > 0 && (
        <span class="quiet">
          {' · '}not by {joinNames(notSeen.map((layer) => LAYER_WORDS[layer]))}
        </span>
      )}
    </p>
  )
}

/** What was changed around the time that it began; when, from there. */
function ChangesBefore({ card: { changes, howBad } }: { card: Card }) {
  if (!changes) return null
  return (
    <div class="triage-similar">
      <h3>What changed before</h3>
      {changes.list.length === 0 && <p class="quiet">Nothing was told of the hour before.</p>}
      <ul>
        {changes.list.map(
          ({ id, kind, summary, version, link, at, by, serviceName, isOfNeeded }) => (
            <li key={id}>
              <strong>{CHANGE_WORDS[kind]}</strong>{' '}
              {link === undefined ? summary : <a href={link}>{summary}</a>}
              {version !== undefined && ` (${version})`}{' '}
              <span class="quiet">
                {serviceName}
                {isOfNeeded && ', which is needed'} · <Moment at={at} />,{' '}
                {describeDuration(Math.abs(howBad.since - at))}{' '}
                {at <= howBad.since ? 'before it began' : 'after it began'}
                {by !== undefined && ` · ${by}`}
              </span>
            </li>
          ),
        )}
        {changes.more > 0 && <li class="quiet">and {changes.more.toLocaleString('en')} more</li>}
      </ul>
    </div>
  )
}

/** Words of strangers: shown as text, whatever they are. */
function UsersSay({ card: { reports } }: { card: Card }) {
  if (!reports) return null
  return (
    <div class="triage-similar">
      <h3>What users say</h3>
      <p class="quiet">{count(reports.count, 'report')} since it began</p>
      <ul>
        {reports.latest.map(({ at, text, by }) => (
          <li key={`${at} ${text}`}>
            “{text}” <span class="quiet">{by !== undefined && `${by}, `}</span>
            <span class="quiet">
              <Age at={at} suffix=" ago" />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Similar({ similar }: { similar: SimilarIncident }) {
  const { incidentId, title, severity, state, openedAt, impactMs, alike, fixedBy } = similar
  return (
    <li>
      <p>
        <a href={pageAddress.incident(incidentId)}>
          {incidentId}: {title}
        </a>{' '}
        <span class="quiet">
          {severity}, {STATE_WORDS[state].word}, <Age at={openedAt} suffix=" ago" />
          {impactMs !== undefined && `, took ${describeDuration(impactMs)}`} · the same{' '}
          {joinNames(alike.map((trait) => ALIKE_WORDS[trait]))}
        </span>
      </p>
      {fixedBy.map(({ from, by, text }) => (
        <p key={`${from} ${text}`} class="event-detail">
          {FIXED_WORDS[from]}: {text} <span class="quiet">· {by}</span>
        </p>
      ))}
    </li>
  )
}
