import type { Duty, OnCall, OnCallChanges } from '../../protocol/on-call.ts'
import { type DutyAnswer, resolveDuty } from './resolve-duty.ts'

/** A stretch of time in which a duty means the same people. Half open. */
export type DutySpan = { from: number; until: number; answer: DutyAnswer }

const SPANS_MAX = 5_000

/** Whom a duty means between two instants, stretch by stretch, without a gap. */
export function listDuty(
  roster: { onCall: OnCall } & OnCallChanges,
  duty: Duty,
  from: number,
  until: number,
): DutySpan[] {
  const spans: DutySpan[] = []
  for (let start = from; start < until && spans.length < SPANS_MAX; ) {
    const answer = resolveDuty(roster, duty, start)
    const end = Math.min(answer.until ?? until, until)
    const previous = spans.at(-1)
    if (previous && peopleOf(previous.answer) === peopleOf(answer)) previous.until = end
    else spans.push({ from: start, until: end, answer })
    start = end
  }
  return spans
}

const peopleOf = (answer: DutyAnswer): string | undefined =>
  'nobody' in answer ? undefined : answer.people.join()
