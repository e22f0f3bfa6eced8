import { useState } from 'preact/hooks'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import type { ActionField } from '../words/incident-actions.ts'
import { count } from '../words/quantity.ts'
import { CommandDialog } from './command-dialog.tsx'
import { Moment } from './moment.tsx'
import { RunbookSteps } from './runbook-steps.tsx'
import { RunbookText } from './runbook-text.tsx'

type BoundRunbook = NonNullable<IncidentAnswer['leading']>['runbooks'][number]
type Asking = { bound: BoundRunbook; call: number }
type Ticking = { bound: BoundRunbook; step: number; isDone: boolean }

/** The runbooks for what is wrong, as checklists; a tick is an entry of the timeline. */
export function RunbookChecklists({ answer, onDone }: { answer: IncidentAnswer; onDone(): void }) {
  const [ticking, tick] = useState<Ticking>()
  const [asking, ask] = useState<Asking>()
  const runbooks = answer.leading?.runbooks ?? []
  if (runbooks.length === 0) return null
  const close = () => tick(undefined)
  return (
    <section class="runbooks" aria-label="What to do">
      <h2>What to do</h2>
      {runbooks.map((bound, index) => (
        <Checklist
          key={bound.runbook.id}
          bound={bound}
          isOpen={index === 0}
          isPageable={PAGED_IN.includes(answer.incident.state)}
          onTick={tick}
          onAsk={ask}
        />
      ))}
      {ticking && (
        <TickDialog
          ticking={ticking}
          incidentId={answer.incident.id}
          onClose={close}
          onDone={() => {
            close()
            onDone()
          }}
        />
      )}
      {asking && (
        <AskDialog
          asking={asking}
          incidentId={answer.incident.id}
          onClose={() => ask(undefined)}
          onDone={() => {
            ask(undefined)
            onDone()
          }}
        />
      )}
    </section>
  )
}

/** States in which people are paged. */
const PAGED_IN: readonly string[] = ['triage', 'mitigating']

function Checklist(props: {
  bound: BoundRunbook
  isOpen: boolean
  /** Whether anybody can be paged for the incident. */
  isPageable: boolean
  onTick(ticking: Ticking): void
  onAsk(asking: Asking): void
}) {
  const { bound, isOpen, isPageable, onTick, onAsk } = props
  const { runbook, because, done } = bound
  return (
    <details class="card runbook" open={isOpen}>
      <summary>
        <strong>{runbook.title}</strong>{' '}
        <span class="quiet">
          {done.length} of {count(runbook.steps.length, 'step')}; {because}
        </span>
      </summary>
      <p class="quiet">
        <RunbookText text={runbook.alert} />{' '}
        <a href={pageAddress.runbook(runbook.id)}>The whole runbook {runbook.title}</a>
      </p>
      <RunbookSteps
        steps={runbook.steps}
        done={done}
        tick={(step) => (
          <input
            class="tick"
            type="checkbox"
            checked={done.some((one) => one.step === step)}
            aria-label={`Step ${step} of ${runbook.title}`}
            onClick={(event) => {
              // It is ticked by the incident, once that has written it down.
              event.preventDefault()
              onTick({ bound, step, isDone: done.some((one) => one.step === step) })
            }}
          />
        )}
      />
      <p>
        <strong>Escalation:</strong> <RunbookText text={runbook.escalation} />
      </p>
      <RunbookCalls bound={bound} isOpen={isPageable} onAsk={(call) => onAsk({ bound, call })} />
    </details>
  )
}

/** Those whom it names, each with who that is now and a button that has them called. */
function RunbookCalls(props: { bound: BoundRunbook; isOpen: boolean; onAsk(call: number): void }) {
  const { bound, isOpen, onAsk } = props
  const { runbook, calls = [] } = bound
  if (calls.length === 0) return null
  return (
    <ul class="runbook-calls">
      {calls.map(({ who, now, canPage, asked }, index) => {
        const when = runbook.calls?.[index]?.when
        return (
          <li key={who}>
            {isOpen && canPage ? (
              <button type="button" onClick={() => onAsk(index + 1)}>
                Page {who}
              </button>
            ) : (
              <span>Page {who}</span>
            )}
            <span>
              <span class="quiet">now </span>
              {now}
            </span>
            {when !== undefined && (
              <span class="quiet">
                <RunbookText text={when} />
              </span>
            )}
            {asked && (
              <span>
                <strong class="ticked">Called</strong>{' '}
                <span class="quiet">
                  by {asked.by}, <Moment at={asked.at} />
                </span>
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

const WHY: ActionField = {
  ...{ kind: 'words', name: 'note', label: 'What they are needed for' },
  isNeeded: false,
}

function AskDialog(props: { asking: Asking; incidentId: string; onClose(): void; onDone(): void }) {
  const { asking, incidentId, onClose, onDone } = props
  const { bound, call } = asking
  const { who = '', now = '' } = bound.calls?.[call - 1] ?? {}
  return (
    <CommandDialog
      title={`Page ${who}`}
      means={`It calls ${now} now, once, by every way to reach them, whoever has the incident.`}
      address={addressOf(PATHS.incidentCommand, { incidentId, command: 'page' })}
      fields={[WHY]}
      says={{ runbookId: bound.runbook.id, call }}
      isOfNow={true}
      onClose={onClose}
      onDone={onDone}
    />
  )
}

const RESULT: ActionField = {
  ...{ kind: 'words', name: 'result', label: 'What it printed or did' },
  isNeeded: false,
}

function TickDialog(props: {
  ticking: Ticking
  incidentId: string
  onClose(): void
  onDone(): void
}) {
  const { ticking, incidentId, onClose, onDone } = props
  const { bound, step, isDone } = ticking
  const { runbook } = bound
  const { what = '', onlyIf } = runbook.steps[step - 1] ?? {}
  const guarded: ActionField[] = [
    { ...RESULT, isNeeded: true, label: 'How you know that it was right' } as ActionField,
    { kind: 'line', name: 'on', label: 'Where: the host, typed', isNeeded: true },
    { kind: 'line', name: 'secondPerson', label: 'Who looked on', isNeeded: true },
  ]
  const fields: ActionField[] = isDone
    ? [{ kind: 'words', name: 'reason', label: 'Reason', isNeeded: true }]
    : onlyIf === undefined
      ? [RESULT]
      : guarded
  return (
    <CommandDialog
      title={isDone ? `Take back step ${step}` : `Step ${step} is done`}
      means={onlyIf === undefined || isDone ? what : `${what} Only if: ${onlyIf}`}
      address={addressOf(PATHS.incidentCommand, {
        incidentId,
        command: isDone ? 'step-undone' : 'step-done',
      })}
      fields={fields}
      says={{ runbookId: runbook.id, step }}
      onClose={onClose}
      onDone={onDone}
    />
  )
}
