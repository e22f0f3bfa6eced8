import { describeDuration, formatDuration } from '../../base/duration.ts'
import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import type { DetectionContract, DetectionTime } from '../../protocol/detection.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import { pageAddress } from '../routing/route.ts'
import { count, joinNames, UNKNOWN } from '../words/quantity.ts'
import { CONDITION_WORDS, endWords, ruleWords } from '../words/rule-words.ts'
import { SLOT_WORDS } from '../words/slot-words.ts'
import { BacktestSection } from './backtest-section.tsx'
import { Facts } from './facts.tsx'
import { Moment } from './moment.tsx'

/** Why the alert did or did not fire, and is told or not: its rule, and the votes that were counted. */
export function AlertVotes({
  definition,
  alert,
  rule,
  detection,
}: {
  definition: Pick<CheckDefinition, 'id' | 'kind' | 'alert'>
  alert: AlertStatus
  rule: AlertRule
  detection: DetectionContract | undefined
}) {
  const names = (regions: readonly string[]) => joinNames(regions) || UNKNOWN
  return (
    <section aria-label="Alert">
      <h2>Why it did, or did not, fire</h2>
      <NotTold alert={alert} />
      <AskedAtOnce alert={alert} />
      <div class="card">
        <Facts
          facts={[
            ['alert', <strong key="state">{alert.flapping ? 'flapping' : alert.state}</strong>],
            ['since', <Moment key="since" at={alert.since} />],
            ['votes that fail', names(alert.failing)],
            ['votes that pass', names(alert.healthy)],
            ['no fresh vote', names(alert.unknown)],
            ...(alert.implicated ? [['about', names(alert.implicated)] as const] : []),
            ['ends when', endWords(rule)],
            ...(detection
              ? [
                  ['found, when it fails everywhere', foundWords(detection.everywhere)] as const,
                  ...(detection.confirmedAtOnce
                    ? [
                        [
                          'found, with the others asked at once',
                          foundWords(detection.confirmedAtOnce),
                        ] as const,
                      ]
                    : []),
                  ['found, when in one region', foundWords(detection.oneRegion)] as const,
                ]
              : []),
            ...(rule.noData
              ? [['no data', `told after ${formatDuration(rule.noData.afterMs)}`] as const]
              : []),
          ]}
        />
      </div>
      <Conditions alert={alert} rule={rule} />
      <Votes votes={alert.votes ?? []} />
      {/* Calls of jobs cannot be played. */}
      {definition.kind !== 'heartbeat' && (
        <BacktestSection checkId={definition.id} rule={definition.alert} />
      )}
    </section>
  )
}

const foundWords = ({ worstMs, expectedMs }: DetectionTime) =>
  `within ${describeDuration(worstMs)}, ${describeDuration(expectedMs)} in the mean, while the fleet is well`

/** It fires, and nobody hears of it. */
function NotTold({ alert: { suppressed, noData } }: { alert: AlertStatus }) {
  return (
    <>
      {suppressed && (
        <p class="card">
          <strong class="tone-degraded">It fires and is told to nobody</strong> since{' '}
          <Moment at={suppressed.since} />: {suppressed.reason}
          {suppressed.until !== undefined && (
            <>
              , until <Moment at={suppressed.until} />
            </>
          )}
          .
        </p>
      )}
      {noData && (
        <p class="card">
          <strong class="tone-degraded">Nothing is known</strong> since <Moment at={noData.since} />
          : {noData.reason}
          {noData.suppressed !== undefined && `; told to nobody: ${noData.suppressed}`}.
        </p>
      )}
    </>
  )
}

/** What the other regions said when it failed; noise stays visible here for a while. */
function AskedAtOnce({ alert: { confirmation } }: { alert: AlertStatus }) {
  if (!confirmation) return null
  const { askedAt, failed, reason, verdict } = confirmation
  return (
    <p class="card">
      It failed in {joinNames(failed)} at <Moment at={askedAt} />:{' '}
      <span class={verdict === undefined || verdict === 'not_confirmed' ? 'quiet' : 'tone-failed'}>
        {reason}
      </span>
      .
    </p>
  )
}

function Conditions({ alert, rule }: { alert: AlertStatus; rule: AlertRule }) {
  return (
    <>
      <h3>It fires when any of these holds</h3>
      <ul class="card failures" aria-label="Conditions">
        {ruleWords(rule).map(({ name, words }) => {
          const outcome = alert.conditions?.find((condition) => condition.name === name)
          const said = CONDITION_WORDS[outcome?.state ?? 'unproven']
          return (
            <li key={name}>
              <p>
                <span class={`tone-${said.tone}`}>
                  <span aria-hidden="true">{said.mark}</span> {said.word}
                </span>
                : {words}
              </p>
              {outcome && <p class="quiet">{outcome.reason}</p>}
            </li>
          )
        })}
      </ul>
    </>
  )
}

function Votes({ votes }: { votes: NonNullable<AlertStatus['votes']> }) {
  if (votes.length === 0) return null
  return (
    <>
      <h3>The votes</h3>
      <ul class="card failures" aria-label="Votes">
        {votes.map(({ regionId, runId, slotAt, verdict, inRow }) => (
          <li key={regionId}>
            <p class="failure-head">
              <strong>{regionId}</strong>
              <span class={`tone-${verdict}`}>{SLOT_WORDS[verdict].word}</span>
              <span class="quiet">
                {count(inRow, 'run')} in a row, the last at <Moment at={slotAt} />
              </span>
              <a href={pageAddress.run(runId)}>
                Open the run<span class="unseen"> of {regionId}</span>
              </a>
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}
