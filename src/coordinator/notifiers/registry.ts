import type { DestinationKind, DestinationOf } from '../../protocol/destination.ts'
import { sendEmail } from './email.ts'
import { sendJsm } from './jsm.ts'
import {
  type Delivery,
  type DeliveryOutcome,
  type Notifier,
  type NotifierContext,
  outcomeOfThrown,
} from './notifier.ts'
import { publishNtfy } from './ntfy.ts'
import { sendOpsgenie } from './opsgenie.ts'
import { sendPagerDuty } from './pagerduty.ts'
import { postSlack } from './slack.ts'
import { sendSms } from './sms.ts'
import { callByVoice } from './voice.ts'
import { notifyWebhook } from './webhook.ts'

/** Not compiling? A kind was added to `protocol/destination.ts`, and has no notifier yet. */
const notifiers: { [K in DestinationKind]: Notifier<K> } = {
  webhook: notifyWebhook,
  email: sendEmail,
  slack: postSlack,
  pagerduty: sendPagerDuty,
  opsgenie: sendOpsgenie,
  jsm: sendJsm,
  ntfy: publishNtfy,
  voice: callByVoice,
  sms: sendSms,
}

/** Makes one attempt through the notifier of the destination's kind. Never throws. */
export async function notify<K extends DestinationKind>(
  delivery: Delivery,
  destination: DestinationOf<K>,
  context: NotifierContext,
): Promise<DeliveryOutcome> {
  const notifier: Notifier<K> = notifiers[destination.kind as K]
  try {
    return await notifier(delivery, destination, context)
  } catch (error) {
    return outcomeOfThrown(error, context.signal)
  }
}
