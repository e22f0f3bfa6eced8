import type { Incident } from '../../../protocol/incident.ts'
import type { Runbook } from '../../../protocol/runbook.ts'
import { carryOut, type Decision, type Order, type Refusal, refuseWithoutReason } from './order.ts'

export type StepDone = {
  runbookId: string
  step: number
  result?: string | undefined
  on?: string | undefined
  secondPerson?: string | undefined
}

/**
 * A person did a step of a runbook. One that cannot be undone says where it was done and who looked on,
 * and that its condition was met; for others the result is welcome.
 */
export function stepDone(
  incident: Incident,
  order: Order,
  done: StepDone,
  runbooks: readonly Runbook[],
): Decision {
  return carryOut(incident, order, done.result ?? `step ${done.step}`, () => {
    const found = findStep(runbooks, done)
    if ('code' in found) return found
    if (isDone(incident, done))
      return { code: 'incident.no_change', reason: `step ${done.step} is ticked already` }
    const refused =
      found.onlyIf === undefined ? undefined : refuseUnguarded(order, done, found.onlyIf)
    return refused ?? [{ type: 'step_done', ...placeOf(done, found.what), ...wordsOf(done) }]
  })
}

/** What was ticked was not done, or not right. */
export function stepUndone(
  incident: Incident,
  order: Order,
  undone: { runbookId: string; step: number; reason: string },
  runbooks: readonly Runbook[],
): Decision {
  return carryOut(incident, order, undone.reason, () => {
    if (!isDone(incident, undone))
      return { code: 'incident.no_change', reason: `step ${undone.step} is not ticked` }
    const found = findStep(runbooks, undone)
    const what = 'code' in found ? `step ${undone.step}` : found.what
    return (
      refuseWithoutReason(undone.reason, 'taking a step back') ?? [
        { type: 'step_undone', ...placeOf(undone, what), reason: undone.reason },
      ]
    )
  })
}

function findStep(
  runbooks: readonly Runbook[],
  { runbookId, step }: { runbookId: string; step: number },
): Runbook['steps'][number] | Refusal {
  const runbook = runbooks.find(({ id }) => id === runbookId)
  const found = runbook?.steps[step - 1]
  if (found) return found
  return {
    code: 'incident.step_unknown',
    reason: runbook
      ? `the runbook ${runbookId} has ${runbook.steps.length} steps`
      : `there is no runbook ${runbookId}`,
  }
}

const isDone = (
  { steps = [] }: Incident,
  { runbookId, step }: { runbookId: string; step: number },
) => steps.some((done) => done.runbookId === runbookId && done.step === step)

function refuseUnguarded(
  { by }: Order,
  { result, on, secondPerson }: StepDone,
  onlyIf: string,
): Refusal | undefined {
  const code = 'incident.reason_missing'
  const isBlank = (text: string | undefined) => (text ?? '').trim() === ''
  if (isBlank(result))
    return { code, reason: `this cannot be undone; say how it was true that ${lower(onlyIf)}` }
  if (isBlank(on))
    return { code, reason: 'this cannot be undone; name the host or place where it was done' }
  if (isBlank(secondPerson) || secondPerson?.trim() === by)
    return { code, reason: 'this cannot be undone; name the second person who looked on' }
  return undefined
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

const placeOf = ({ runbookId, step }: { runbookId: string; step: number }, what: string) => ({
  runbookId,
  step,
  what,
})

function wordsOf({ result, on, secondPerson }: StepDone) {
  const written = { result, on, secondPerson }
  return Object.fromEntries(
    Object.entries(written).filter(([, text]) => text !== undefined && text.trim() !== ''),
  ) as { result?: string; on?: string; secondPerson?: string }
}
