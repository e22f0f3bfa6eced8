import { cut, externalKey, type Message } from '../../domain/paging/message.ts'
import { earlierRings, openRings, type Ring } from '../../domain/paging/next-ring.ts'
import type { HttpAnswer } from '../../runtime/http-client.ts'
import {
  type Delivery,
  type DeliveryOutcome,
  type Notifier,
  type NotifierContext,
  notSet,
  retryAfterMs,
} from './notifier.ts'
import { messageIn } from './read-body.ts'

/** @see https://developer.pagerduty.com/docs/events-api-v2-overview */
const URL_USUAL = 'https://events.pagerduty.com'
const SUMMARY_LENGTH_MAX = 1_024
const KEY_LENGTH_MAX = 255
/** An event may have 512 KB; its lines have far fewer. */
const DETAIL_LENGTH_MAX = 10_000

const SEVERITIES = {
  'SEV-1': 'critical',
  'SEV-2': 'error',
  'SEV-3': 'warning',
  'SEV-4': 'info',
} as const

const ACTIONS = {
  wrong: 'trigger',
  test: 'trigger',
  acknowledged: 'acknowledge',
  over: 'resolve',
} as const

/**
 * Sends an event of Events API v2. The key carries the generation and the ring, because PagerDuty does not
 * ring again for a key that is open, acknowledged or not; what rang earlier is closed first.
 */
export const sendPagerDuty: Notifier<'pagerduty'> = async (delivery, destination, context) => {
  const routingKey = context.secret(destination.routingKey)
  if (!routingKey) return notSet(destination.routingKey)
  const message = messageIn(delivery)
  // Whatever else is told of an incident, PagerDuty has no event for it.
  if (message.stage === 'tells') return { kind: 'delivered' }

  for (const event of eventsOf(delivery, message, ACTIONS[message.stage])) {
    const outcome = await send({ routing_key: routingKey, ...event }, context)
    if (outcome.kind !== 'delivered') return outcome
  }
  return { kind: 'delivered' }
}

type Action = (typeof ACTIONS)[keyof typeof ACTIONS]

function eventsOf(delivery: Delivery, message: Message, action: Action): object[] {
  const { incident } = message
  if (!incident) {
    const key = cut(delivery.deliveryId, KEY_LENGTH_MAX)
    // A test rings and leaves nothing open.
    return [triggerOf(delivery, message, key), { event_action: 'resolve', dedup_key: key }]
  }
  // One that is not open is accepted and dropped.
  const change = (ring: Ring) => ({
    event_action: action === 'trigger' ? 'resolve' : action,
    dedup_key: externalKey(incident.id, ring),
  })
  return action === 'trigger'
    ? [
        ...earlierRings(incident).map(change),
        triggerOf(delivery, message, externalKey(incident.id, incident)),
      ]
    : openRings(incident).map(change)
}

function triggerOf(delivery: Delivery, message: Message, key: string): object {
  const { url, acknowledgeUrl, service, since, severity = 'SEV-3' } = message
  return {
    event_action: 'trigger',
    dedup_key: key,
    payload: {
      summary: cut(message.subject, SUMMARY_LENGTH_MAX),
      source: service ?? 'firewatch',
      severity: SEVERITIES[severity],
      ...(since !== undefined && { timestamp: since }),
      ...(service !== undefined && { component: service }),
      custom_details: {
        ...Object.fromEntries(
          message.lines.map((line, index) => [`line ${index + 1}`, cut(line, DETAIL_LENGTH_MAX)]),
        ),
        delivery: delivery.deliveryId,
      },
    },
    client: 'Firewatch',
    ...(url !== undefined && { client_url: url }),
    links: [
      ...(acknowledgeUrl === undefined ? [] : [{ href: acknowledgeUrl, text: 'Acknowledge' }]),
      ...(url === undefined ? [] : [{ href: url, text: 'Incident' }]),
    ],
  }
}

async function send(event: object, context: NotifierContext): Promise<DeliveryOutcome> {
  const url = context.senders.pagerduty?.url ?? URL_USUAL
  const answer = await context.http.post(
    `${url.replace(/\/+$/, '')}/v2/enqueue`,
    JSON.stringify(event),
    {
      signal: context.signal,
      headers: { 'content-type': 'application/json', 'user-agent': 'Firewatch' },
    },
  )
  return answer.status === 202 ? { kind: 'delivered' } : refused(answer, context.clock.now())
}

/** What PagerDuty calls an invalid event stays one; 429 and its own faults pass. */
function refused({ status, headers }: HttpAnswer, now: number): DeliveryOutcome {
  return {
    kind: 'failed',
    reason: `PagerDuty answered ${status}`,
    retryable: status === 429 || status >= 500,
    retryAfterMs: retryAfterMs(headers['retry-after'], now),
  }
}
