import { judgeCall } from '../../domain/paging/judge-call.ts'
import { stageOf } from '../../domain/paging/message.ts'
import { spokenText } from '../../domain/paging/phone-text.ts'
import { Notification } from '../../protocol/notification.ts'
import { type Notifier, outcomeOfThrown } from './notifier.ts'
import { sendText } from './sms.ts'
import { phoneCallback, phoneService } from './twilio.ts'
import { askForKey } from './twiml.ts'

/** Shorter than most mailboxes wait before they answer. */
const RING_S = 30
/** Nobody needs longer to hear it twice and press a key. */
const CALL_S_MAX = 180

/** After so long it has rung and was picked up or not; who is not told by then asks. */
const ASK_AFTER_MS = 45_000

/**
 * How long the word of the service is waited for when its answer to a call was lost: if it rings somewhere
 * they say so, and then nobody is called twice. The next contact does not wait for that.
 */
const WORD_WITHIN_MS = 15_000

const EVENTS = ['initiated', 'ringing', 'answered', 'completed']

/**
 * Calls a telephone, says what is wrong and takes a key as the acknowledgement. What is said goes along with
 * the call, so that it is heard also when nobody answers here. A telephone rings only for a page and a test:
 * whatever else is told comes to the same number as a text.
 */
export const callByVoice: Notifier<'voice'> = async (delivery, { phone }, context) => {
  const { signal } = context
  const stage = stageOf(delivery.eventType)
  if (stage !== 'wrong' && stage !== 'test') return sendText(delivery, phone, context)
  const service = phoneService(context, {
    resource: 'Calls',
    askAfterMs: ASK_AFTER_MS,
    judge: (report, { asksWhoAnswers = false }) => judgeCall(report, { asksWhoAnswers }),
  })
  if ('kind' in service) return service
  if (delivery.taken) return service.whatBecameOf(delivery.taken)

  const callback = phoneCallback(context, 'call-status', delivery.deliveryId)
  const { from, asksWhoAnswers } = service.sender
  try {
    return await service.ask({
      To: phone,
      From: from,
      Timeout: String(RING_S),
      TimeLimit: String(CALL_S_MAX),
      Twiml: scriptFor(delivery.body, phoneCallback(context, 'key', delivery.deliveryId)),
      StatusCallback: callback,
      StatusCallbackEvent: EVENTS,
      ...(asksWhoAnswers && {
        MachineDetection: 'Enable',
        // Else whoever picks up hears nothing for some seconds, and hangs up.
        AsyncAmd: 'true',
        AsyncAmdStatusCallback: callback,
      }),
    })
  } catch (error) {
    const outcome = outcomeOfThrown(error, signal)
    return outcome.kind === 'ambiguous' ? { ...outcome, retryAfterMs: WORD_WITHIN_MS } : outcome
  }
}

const scriptFor = (body: string, action: string): string =>
  askForKey(
    spokenText(Notification.parse(JSON.parse(body))),
    action,
    'No key was pressed. Goodbye.',
  )
