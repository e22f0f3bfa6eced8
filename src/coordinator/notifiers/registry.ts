import type { ChannelKind, ChannelOf } from '../../protocol/config.ts'
import type { Delivery, DeliveryOutcome, Notifier, NotifierContext } from './notifier.ts'
import { notifyWebhook } from './webhook.ts'

/** Not compiling? A kind of channel was added to `protocol/config.ts`, and has no notifier yet. */
const notifiers: { [K in ChannelKind]: Notifier<K> } = {
  webhook: notifyWebhook,
}

/** Makes one attempt through the notifier of the channel's kind. */
export function notify<K extends ChannelKind>(
  delivery: Delivery,
  channel: ChannelOf<K>,
  context: NotifierContext,
): Promise<DeliveryOutcome> {
  const notifier: Notifier<K> = notifiers[channel.kind as K]
  return notifier(delivery, channel, context)
}
