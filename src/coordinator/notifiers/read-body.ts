import { type Message, messageOf } from '../../domain/paging/message.ts'
import { Notification } from '../../protocol/notification.ts'
import type { Delivery } from './notifier.ts'

/** What a delivery says, for channels that say it in their own form. */
export const messageIn = ({ body }: Delivery): Message =>
  messageOf(Notification.parse(JSON.parse(body)))
