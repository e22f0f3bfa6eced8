import { useState } from 'preact/hooks'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { coordinatorNow, secondsStore } from '../live/coordinator-time.ts'
import { useValue } from '../live/use-value.ts'
import { isOpenState } from '../words/incident-words.ts'
import {
  type LeadingAction,
  nextDone,
  planNext,
  postUpdate,
  progressNotes,
  roleActions,
} from '../words/leading-actions.ts'
import { ROLE_WORDS } from '../words/leading-words.ts'
import { ageWords, countdownWords } from '../words/time-words.ts'
import { CommandDialog } from './command-dialog.tsx'
import { Age, Moment } from './moment.tsx'

type Led = { answer: IncidentAnswer; onDone(): void }

/** Who leads, and the four questions that whoever does must always be able to answer. */
export function LeadingSection({ answer, onDone }: Led) {
  const [chosen, choose] = useState<LeadingAction>()
  const { incident, leading } = answer
  if (!leading) return null
  const close = () => choose(undefined)
  return (
    <section class="leading" aria-label="Who leads, and what is known">
      <Roles answer={answer} choose={choose} />
      {leading.hints.map((hint) => (
        <p key={hint} class="quiet">
          {hint}
        </p>
      ))}
      <NoProgress answer={answer} choose={choose} />
      <div class="tiles">
        <ImpactTile answer={answer} />
        <TriedTile answer={answer} />
        <NextTile answer={answer} choose={choose} />
        <UpdateTile answer={answer} choose={choose} />
      </div>
      {chosen && (
        <CommandDialog
          key={chosen.title}
          title={chosen.title}
          means={chosen.means}
          address={addressOf(PATHS.incidentCommand, {
            incidentId: incident.id,
            command: chosen.command,
          })}
          fields={chosen.fields}
          says={chosen.says}
          shape={chosen.shape}
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

type Choosing = { answer: IncidentAnswer; choose(action: LeadingAction): void }

function Roles({ answer, choose }: Choosing) {
  const { leading, incident } = answer
  if (!leading) return null
  const canLead = isOpenState(incident.state) || ['restored', 'resolved'].includes(incident.state)
  return (
    <ul class="roles">
      {(Object.keys(ROLE_WORDS) as (keyof typeof ROLE_WORDS)[]).map((role) => {
        const held = leading.roles.find((holding) => holding.role === role)
        const isOffered = leading.offer?.role === role
        return (
          <li key={role}>
            <span class="quiet">{ROLE_WORDS[role]}</span>{' '}
            {held ? (
              <>
                <strong>{held.person}</strong>{' '}
                <span class="quiet">
                  since <Moment at={held.assumedAt} />
                </span>
              </>
            ) : (
              <span>{isOffered ? `nobody; offered to ${leading.offer?.to}` : 'nobody'}</span>
            )}
            {canLead && (
              <span class="role-buttons">
                {roleActions(role, held?.person).map((action) => (
                  <button
                    key={action.label}
                    type="button"
                    class={isOffered ? 'main-button' : undefined}
                    aria-label={`${action.label}: ${ROLE_WORDS[role]}`}
                    onClick={() => choose(action)}
                  >
                    {action.label}
                  </button>
                ))}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** Acknowledging is not progress: after a quarter of an hour of nothing the page asks. */
function NoProgress({ answer, choose }: Choosing) {
  const { incident, events } = answer
  const last = events.findLast(({ type }) => type === 'progress_missing')
  const isAnswered = (incident.progressAt ?? 0) > (last?.recordedAt ?? 0)
  if (!last || isAnswered || incident.state !== 'mitigating' || incident.mitigated) return null
  return (
    <div class="card no-progress" role="status">
      <p>
        <strong>
          Nobody has found, decided or done anything for{' '}
          <Age at={incident.progressAt ?? incident.stateSince ?? incident.openedAt} />.
        </strong>{' '}
        Is this the right approach?
      </p>
      <p class="role-buttons">
        {progressNotes.map((action) => (
          <button key={action.label} type="button" onClick={() => choose(action)}>
            {action.label}
          </button>
        ))}
      </p>
    </div>
  )
}

function ImpactTile({ answer }: { answer: IncidentAnswer }) {
  const { incident, headline, triage } = answer
  const { failing } = triage.howBad
  return (
    <section class="card tile" aria-label="Impact">
      <h2>Impact</h2>
      <p>{headline}</p>
      <p class="quiet">
        {failing && failing.runs > 0 && (
          <>
            {Math.round((100 * failing.failed) / failing.runs)} % of its checks fail (
            {failing.failed} of {failing.runs} runs),{' '}
          </>
        )}
        since <Moment at={incident.impactStartedAt} />
      </p>
    </section>
  )
}

/** What is told of each thing that was tried. */
const TRIED_SHOWN = 3

function TriedTile({ answer }: { answer: IncidentAnswer }) {
  const tried = answer.leading?.tried ?? []
  const left = tried.length - TRIED_SHOWN
  return (
    <section class="card tile" aria-label="Tried so far">
      <h2>Tried so far</h2>
      {tried.length === 0 ? (
        <p class="quiet">Nothing yet. Steps, and notes that are actions, stand here.</p>
      ) : (
        <ol>
          {tried.slice(-TRIED_SHOWN).map((one) => (
            <li key={`${one.at} ${one.what}`}>
              {one.what}
              {one.result !== undefined && <span class="quiet"> → {one.result}</span>}{' '}
              <span class="quiet">
                {one.by}, <Age at={one.at} suffix=" ago" />
              </span>
            </li>
          ))}
        </ol>
      )}
      {left > 0 && <p class="quiet">and {left} more on the timeline</p>}
    </section>
  )
}

function NextTile({ answer, choose }: Choosing) {
  const { nextAction } = answer.incident
  return (
    <section class="card tile" aria-label="Next action">
      <h2>Next action</h2>
      {nextAction ? (
        <>
          <p>
            {nextAction.text}
            {nextAction.who !== undefined && <strong> · {nextAction.who}</strong>}
          </p>
          <p class="quiet">
            said by {nextAction.by}, <Age at={nextAction.at} suffix=" ago" />
          </p>
        </>
      ) : (
        <p class="quiet">Nobody has said what is next.</p>
      )}
      <p class="role-buttons">
        {nextAction && (
          <button type="button" onClick={() => choose(nextDone)}>
            It is done
          </button>
        )}
        <button type="button" onClick={() => choose(planNext)}>
          {nextAction ? 'Something else' : 'Say what is next'}
        </button>
      </p>
    </section>
  )
}

function UpdateTile({ answer, choose }: Choosing) {
  useValue(secondsStore)
  const { incident, leading } = answer
  const { updates, toldAt, published } = incident
  const left = updates === undefined ? undefined : updates.nextAt - coordinatorNow()
  return (
    <section
      class={`card tile ${left !== undefined && left < 0 ? 'tile-late' : ''}`}
      aria-label="Next update"
    >
      <h2>Next update</h2>
      {updates === undefined || left === undefined ? (
        <p class="quiet">
          {toldAt === undefined ? 'None is promised yet.' : 'When something changes.'}
        </p>
      ) : (
        <p>
          <strong>{left < 0 ? `${ageWords(-left)} late` : `in ${countdownWords(left)}`}</strong>{' '}
          <span class="quiet">
            promised for <Moment at={updates.nextAt} />
          </span>
        </p>
      )}
      <p class="quiet">
        {toldAt !== undefined && (
          <>
            last one <Age at={toldAt} suffix=" ago" />;{' '}
          </>
        )}
        {published ? (
          <a href="/status" target="_blank" rel="noreferrer">
            the public reads “{published.status}”
          </a>
        ) : (
          'the public was told nothing'
        )}
      </p>
      {leading?.audience && (
        <p class="quiet">
          {leading.audience.map(({ id, name, severity, isTold }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              {name} {isTold ? 'was told' : `hears of ${severity}`}
            </span>
          ))}
        </p>
      )}
      {leading && (
        <p class="role-buttons">
          <button
            type="button"
            class={left !== undefined && left < 0 ? 'main-button' : undefined}
            onClick={() => choose(postUpdate(leading))}
          >
            Write the update
          </button>
        </p>
      )}
    </section>
  )
}
