import type { Step } from '../../protocol/run.ts'
import { shortTime } from './quantity.ts'

export type StepRow = {
  step: Step
  /** How many steps this one is inside of. */
  depth: number
  /** `+ 120 ms for evidence`; absent where net and gross time are the same to the eye. */
  evidence?: string
  /** `soft: the journey went on after it`, and why it was skipped or is degraded. */
  notes: string[]
}

/** Below this, net and gross time are the same. */
const EVIDENCE_MS_MIN = 1

/** Deeper ones are drawn at this depth: a phone is narrow. */
const DEPTH_MAX = 4

/** The rows of a journey's waterfall, in the order in which the steps began. */
export function stepRows(steps: readonly Step[]): StepRow[] {
  return steps.map((step) => {
    const extraMs = (step.grossMs ?? step.ms) - step.ms
    return {
      step,
      depth: depthOf(steps, step),
      ...(extraMs >= EVIDENCE_MS_MIN && { evidence: `+ ${shortTime(extraMs)} for evidence` }),
      notes: [
        ...(step.isSoft ? [softWords(step)] : []),
        ...(step.reason === undefined ? [] : [step.reason]),
      ],
    }
  })
}

const softWords = ({ status }: Step): string =>
  status === 'failed' ? 'soft: the journey went on after it' : 'soft: its failure ends nothing'

function depthOf(steps: readonly Step[], step: Step): number {
  let depth = 0
  // The bound also ends a circle, which only a faulty probe could send.
  for (let at = parentOf(steps, step); at && depth < DEPTH_MAX; at = parentOf(steps, at)) depth++
  return depth
}

const parentOf = (steps: readonly Step[], { parent }: Step): Step | undefined =>
  parent === undefined ? undefined : steps[parent]

/** What time all steps span, with their evidence. */
export const stepsMs = (steps: readonly Step[]): number =>
  Math.max(1, ...steps.map(({ startMs, ms, grossMs = ms }) => startMs + grossMs))
