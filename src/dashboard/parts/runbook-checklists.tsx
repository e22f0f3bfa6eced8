import { useState } from 'preact/hooks'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import type { ActionField } from '../words/incident-actions.ts'
import { count } from '../words/quantity.ts'
import { CommandDialog } from './command-dialog.tsx'
import { RunbookSteps } from './runbook-steps.tsx'
import { RunbookText } from './runbook-text.tsx'

type BoundRunbook = NonNullable<IncidentAnswer['leading']>['runbooks'][number]
type Ticking = { bound: BoundRunbook; step: number; isDone: boolean }

/** The runbooks for what is wrong, as checklists; a tick is an entry of the timeline. */
export function RunbookChecklists({ answer, onDone }: { answer: IncidentAnswer; onDone(): void }) {
  const [ticking, tick] = useState<Ticking>()
  const runbooks = answer.leading?.runbooks ?? []
  if (runbooks.length === 0) return null
  const close = () => tick(undefined)
  return (
    <section class="runbooks" aria-label="What to do">
      <h2>What to do</h2>
      {runbooks.map((bound, index) => (
        <Checklist key={bound.runbook.id} bound={bound} isOpen={index === 0} onTick={tick} />
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
    </section>
  )
}

function Checklist(props: {
  bound: BoundRunbook
  isOpen: boolean
  onTick(ticking: Ticking): void
}) {
  const { bound, isOpen, onTick } = props
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
    </details>
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
