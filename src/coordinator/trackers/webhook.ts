import { z } from 'zod'
import type { TicketOrder, TrackerOf } from '../../protocol/ticket.ts'
import type { HttpAnswer } from '../../runtime/http-client.ts'
import { notSet } from '../notifiers/notifier.ts'
import { signWebhook } from '../notifiers/webhook.ts'
import { jsonOf, refused, type TicketTracker, type TrackerContext } from './tracker.ts'

const TYPES = { open: 'ticket.open', comment: 'ticket.comment', close: 'ticket.close' } as const

/** What the receiver may answer with. */
const Answer = z.object({ key: z.string().min(1).max(200), url: z.url().optional() })

/**
 * Any tracker that somebody puts a receiver before: a Standard Webhook, whose `webhook-id` stays the same
 * over all attempts; `data.id` is the same for all that is told of one ticket. It may answer with the
 * ticket's `key` and `url`; without them its key is that id.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const ticketWebhook: TicketTracker<'webhook'> = {
  async open(order, tracker, context) {
    const answer = await post(order, undefined, tracker, context)
    if (!answer) return notSet(tracker.secret)
    if (!isTaken(answer)) return failed(answer, context)
    const said = Answer.safeParse(jsonOf(answer))
    return {
      kind: 'delivered',
      ticket: { tracker: 'webhook', ...(said.success ? said.data : { key: order.id }) },
    }
  },

  async tell(order, ticket, tracker, context) {
    const answer = await post(order, ticket.key, tracker, context)
    if (!answer) return notSet(tracker.secret)
    return isTaken(answer) ? { kind: 'delivered' } : failed(answer, context)
  },
}

async function post(
  { do: what, ...data }: TicketOrder,
  key: string | undefined,
  { url, secret: name }: TrackerOf<'webhook'>,
  { http, clock, secret, signal, deliveryId, orderedAt }: TrackerContext,
): Promise<HttpAnswer | undefined> {
  const credential = secret(name)
  if (!credential) return undefined
  const timestamp = String(Math.floor(clock.now() / 1_000))
  const body = JSON.stringify({
    type: TYPES[what],
    timestamp: new Date(orderedAt).toISOString(),
    data: { ...data, ...(key !== undefined && { key }) },
  })
  return http.post(url, body, {
    signal,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Firewatch',
      'webhook-id': deliveryId,
      'webhook-timestamp': timestamp,
      'webhook-signature': signWebhook(credential, deliveryId, timestamp, body),
    },
  })
}

const isTaken = ({ status }: HttpAnswer) => status >= 200 && status < 300

const failed = (answer: HttpAnswer, { clock }: TrackerContext) =>
  refused('the receiver of tickets', answer, undefined, clock.now())
