/** What a telephone service says of a call, or of a text message, in its own words. */
export type PhoneReport = {
  /** `queued`, `ringing`, `completed`, `busy` … */
  status?: string | undefined
  /** `human`, `machine_start`, `fax`, `unknown` …; absent where it was not asked, or is not known yet. */
  answeredBy?: string | undefined
}

export type PhoneVerdict =
  | { kind: 'under_way' }
  | { kind: 'arrived' }
  | ({ kind: 'not_arrived' } & NotArrived)

type NotArrived = {
  reason: string
  /** The same call soon may well be answered. */
  mayRepeat: boolean
  /** It rang as it should, and nobody was there: no fault of the way to them. */
  isUnanswered: boolean
}

const NOT_ANSWERED: Record<string, NotArrived> = {
  busy: { reason: 'the line was busy', mayRepeat: true, isUnanswered: true },
  'no-answer': { reason: 'nobody picked up', mayRepeat: false, isUnanswered: true },
  failed: { reason: 'the call could not be put through', mayRepeat: false, isUnanswered: false },
  canceled: { reason: 'the call was cancelled', mayRepeat: false, isUnanswered: false },
}

const MACHINE: NotArrived = { reason: 'a machine answered', mayRepeat: false, isUnanswered: true }
const LOST_TEXT: NotArrived = {
  reason: 'the network did not deliver the text',
  ...{ mayRepeat: false, isUnanswered: false },
}

/**
 * Whether a call has reached somebody. Picked up is enough: to be heard is not to be acknowledged, and for
 * that the ladder goes on by itself. A machine that answers hears nothing, where it is asked who answers.
 * Of calls that were not picked up only a busy line is tried again: whoever slept through half a minute of
 * ringing is rung by the next step, and somebody else before.
 */
export function judgeCall(
  { status = '', answeredBy }: PhoneReport,
  { asksWhoAnswers }: { asksWhoAnswers: boolean },
): PhoneVerdict {
  if (answeredBy !== undefined && /^(machine|fax)/.test(answeredBy))
    return { kind: 'not_arrived', ...MACHINE }
  const failure = NOT_ANSWERED[status]
  if (failure) return { kind: 'not_arrived', ...failure }
  if (status === 'completed' || answeredBy !== undefined) return { kind: 'arrived' }
  const isPickedUp = status === 'in-progress' && !asksWhoAnswers
  return isPickedUp ? { kind: 'arrived' } : { kind: 'under_way' }
}

/**
 * Whether a text message has arrived. Sent is enough, because not every network says more; one that says
 * later that it did not arrive says it too late for a page.
 */
export function judgeText({ status = '' }: PhoneReport): PhoneVerdict {
  if (['sent', 'delivered', 'read'].includes(status)) return { kind: 'arrived' }
  if (['undelivered', 'failed', 'canceled'].includes(status))
    return { kind: 'not_arrived', ...LOST_TEXT }
  return { kind: 'under_way' }
}
