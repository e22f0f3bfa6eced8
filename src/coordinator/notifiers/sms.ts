import { judgeText } from '../../domain/paging/judge-call.ts'
import { textMessage } from '../../domain/paging/phone-text.ts'
import type { Delivery, DeliveryOutcome, Notifier, NotifierContext } from './notifier.ts'
import { messageIn } from './read-body.ts'
import { phoneCallback, phoneService } from './twilio.ts'

/** A network says within seconds that it has a text; here it is asked when it did not. */
const ASK_AFTER_MS = 15_000

/** What is older than this when it arrives says nothing of now. */
const VALID_S = 3_600

/** Sends a text message with the link that acknowledges. */
export const sendSms: Notifier<'sms'> = (delivery, { phone }, context) =>
  sendText(delivery, phone, context)

/** Sends what a delivery says as a text to a number. */
export async function sendText(
  delivery: Delivery,
  phone: string,
  context: NotifierContext,
): Promise<DeliveryOutcome> {
  const service = phoneService(context, {
    resource: 'Messages',
    askAfterMs: ASK_AFTER_MS,
    judge: judgeText,
  })
  if ('kind' in service) return service
  if (delivery.taken) return service.whatBecameOf(delivery.taken)
  const { from, textsFrom = from } = service.sender
  return service.ask({
    To: phone,
    From: textsFrom,
    Body: textMessage(messageIn(delivery)),
    ValidityPeriod: String(VALID_S),
    StatusCallback: phoneCallback(context, 'text-status', delivery.deliveryId),
  })
}
