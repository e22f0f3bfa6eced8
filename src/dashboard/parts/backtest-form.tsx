import { useEffect, useRef, useState } from 'preact/hooks'
import { describeDuration } from '../../base/duration.ts'
import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { JudgedFiring } from '../../protocol/compare-firings.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import type { LoadProblem } from '../live/fetch-json.ts'
import { type Played, playBacktest } from '../live/play-backtest.ts'
import { pageAddress } from '../routing/route.ts'
import { BACKTEST_ROWS, backtestFigures } from '../words/backtest-words.ts'
import { count } from '../words/quantity.ts'
import {
  fieldsOf,
  proposedRule,
  RULE_FIELDS,
  type RuleText,
  ruleYaml,
  writtenRule,
} from '../words/written-rule.ts'
import { Moment } from './moment.tsx'
import '../styles/backtest.css'

const DAY_MS = 86_400_000
const REACHES = [1, 7, 30]
/** Alerts that are listed one by one. */
const LISTED_MAX = 50

type State =
  | { kind: 'idle' }
  | { kind: 'playing'; share: number }
  | { kind: 'failed'; problem: LoadProblem }
  | { kind: 'played'; days: number; present: Played; proposed: Played; yaml: string }

/** Plays another rule over the stored runs, before anybody writes it into a file. */
export function BacktestForm({ checkId, rule }: { checkId: string; rule: AlertRule }) {
  const [state, setState] = useState<State>({ kind: 'idle' })
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])
  const written = writtenRule(rule)
  const fields = fieldsOf(written)

  async function play(form: HTMLFormElement): Promise<void> {
    const typed = new FormData(form)
    const text: RuleText = Object.fromEntries(
      RULE_FIELDS.map(({ name }) => [name, String(typed.get(name) ?? '')]),
    )
    const days = Number(typed.get('days'))
    const until = coordinatorNow()
    const span = { since: until - days * DAY_MS, until }
    const proposal = proposedRule(written, text)
    setState({ kind: 'playing', share: 0 })
    const { signal } = stop.current
    const run = (proposed: object | undefined, from: number) =>
      playBacktest(
        checkId,
        { ...span, rule: proposed },
        {
          signal,
          onProgress: (share) => setState({ kind: 'playing', share: from + share / 2 }),
        },
      )
    const proposed = await run(proposal, 0)
    const present = 'problem' in proposed ? proposed : await run(undefined, 0.5)
    if (signal.aborted) return
    if ('problem' in proposed) return setState({ kind: 'failed', problem: proposed.problem })
    if ('problem' in present) return setState({ kind: 'failed', problem: present.problem })
    setState({ kind: 'played', days, present, proposed, yaml: ruleYaml(proposal) })
  }

  return (
    <form
      class="card backtest"
      onSubmit={(event) => {
        event.preventDefault()
        void play(event.currentTarget)
      }}
    >
      <p class="quiet">
        What another rule would have told over the runs that are stored. It changes nothing; a
        condition whose fields are empty is not in the rule.
      </p>
      <div class="backtest-fields">
        {RULE_FIELDS.map((field) => (
          <label key={field.name}>
            <span>{field.label}</span>
            <input
              name={field.name}
              defaultValue={fields[field.name] ?? ''}
              maxLength={40}
              {...('example' in field && { placeholder: field.example })}
            />
          </label>
        ))}
        <label>
          <span>Over the last</span>
          <select name="days">
            {REACHES.map((days) => (
              <option key={days} value={days} selected={days === 7}>
                {count(days, 'day')}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p>
        <button type="submit" class="main-button" disabled={state.kind === 'playing'}>
          Play it
        </button>{' '}
        <span role="status">
          {state.kind === 'playing' && `${Math.floor(state.share * 100)} % played`}
        </span>
      </p>
      {state.kind === 'failed' && (
        <p role="alert" class="tone-failed">
          {state.problem.title}. {state.problem.detail}
        </p>
      )}
      {state.kind === 'played' && <Outcome {...state} />}
    </form>
  )
}

function Outcome({
  days,
  present,
  proposed,
  yaml,
}: Omit<Extract<State, { kind: 'played' }>, 'kind'>) {
  const columns = [backtestFigures(present), backtestFigures(proposed)] as const
  return (
    <>
      <table class="backtest-figures">
        <caption>
          {count(proposed.runs, 'run')} of the last {count(days, 'day')}
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="col">this rule</th>
            <th scope="col">the proposed</th>
          </tr>
        </thead>
        <tbody>
          {BACKTEST_ROWS.map((name, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {columns.map((column, which) => (
                <td key={which}>{column[index]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Real is an alert that overlaps an incident that somebody took on or that lasted for five
        minutes; missed is such an incident of this check without one.
      </p>
      <Firings played={proposed} />
      <h3>To be put into the check</h3>
      <pre class="message">{yaml}</pre>
    </>
  )
}

function Firings({ played: { firings, missed } }: { played: Played }) {
  if (firings.length + missed.length === 0) return null
  return (
    <>
      <h3>What the proposed rule tells</h3>
      <ul class="backtest-firings">
        {missed.map(({ id, title, impactStartedAt }) => (
          <li key={id}>
            <span class="tone-failed">missed</span> <Moment at={impactStartedAt} />{' '}
            <a href={pageAddress.incident(id)}>
              {id}: {title}
            </a>
          </li>
        ))}
        {firings
          .slice(-LISTED_MAX)
          .toReversed()
          .map((firing) => (
            <FiringLine key={firing.firedAt} firing={firing} />
          ))}
        {firings.length > LISTED_MAX && (
          <li class="quiet">
            and {(firings.length - LISTED_MAX).toLocaleString('en')} earlier ones
          </li>
        )}
      </ul>
    </>
  )
}

function FiringLine({ firing }: { firing: JudgedFiring }) {
  const { firedAt, endedAt, incidentId, detectionMs, reason } = firing
  return (
    <li>
      {incidentId === undefined ? (
        <span class="tone-degraded">false</span>
      ) : (
        <a href={pageAddress.incident(incidentId)}>{incidentId}</a>
      )}{' '}
      <Moment at={firedAt} />,{' '}
      {endedAt === undefined ? 'fires still' : `for ${describeDuration(endedAt - firedAt)}`}
      {detectionMs !== undefined && `, ${describeDuration(detectionMs)} after the first bad run`}
      <span class="quiet event-detail">{reason}</span>
    </li>
  )
}
