import { z } from 'zod'
import { cut, type Message } from '../../domain/paging/message.ts'
import { type DeliveryOutcome, type Notifier, notSet, retryAfterMs } from './notifier.ts'
import { messageIn } from './read-body.ts'

/** @see https://docs.slack.dev/reference/block-kit/blocks */
const URL_USUAL = 'https://slack.com/api'
const TEXT_LENGTH_MAX = 3_000
const HEADER_LENGTH_MAX = 150

/** What the button sends back; `http/routes/slack.ts` reads it. */
export const ACKNOWLEDGE_ACTION = 'firewatch.acknowledge'

const Answer = z.object({ ok: z.boolean(), error: z.string().optional() })

/** Errors of Slack's that pass by themselves; of the others a second try gives the same. */
const PASSING = [
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
]

/** Posts a message with blocks, and with a button where it wants to be acknowledged. */
export const postSlack: Notifier<'slack'> = async (delivery, destination, context) => {
  const {
    url = URL_USUAL,
    token: usual = 'SLACK_BOT_TOKEN',
    signingSecret,
  } = context.senders.slack ?? {}
  const { channel, token = usual } = destination
  const credential = context.secret(token)
  if (!credential) return notSet(token)

  const message = messageIn(delivery)
  const answer = await context.http.post(
    `${url.replace(/\/+$/, '')}/chat.postMessage`,
    JSON.stringify({
      channel,
      text: cut(message.subject, TEXT_LENGTH_MAX),
      blocks: blocksOf(message, { hasButton: signingSecret !== undefined }),
      unfurl_links: false,
      metadata: { event_type: 'firewatch', event_payload: { delivery_id: delivery.deliveryId } },
    }),
    {
      signal: context.signal,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Firewatch',
        authorization: `Bearer ${credential}`,
      },
    },
  )
  if (answer.status === 200) return outcomeOf(answer.body)
  return {
    kind: 'failed',
    reason: `Slack answered ${answer.status}`,
    retryable: answer.status === 429 || answer.status >= 500,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], context.clock.now()),
  }
}

/** Slack answers 200 also when it refuses; what it says is in the body. */
function outcomeOf(body: string): DeliveryOutcome {
  const answer = Answer.safeParse(jsonOf(body))
  if (answer.data?.ok) return { kind: 'delivered' }
  const error = answer.data?.error ?? 'something that is no answer of Slack'
  return {
    kind: 'failed',
    reason: `Slack said ${cut(error, 100)}`,
    retryable: !answer.success || PASSING.includes(error),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function blocksOf(message: Message, { hasButton }: { hasButton: boolean }): object[] {
  const { incident, url, acknowledgeUrl, stage } = message
  const text = message.lines.map(escapeText).join('\n')
  const wantsAnswer = stage === 'wrong' && incident !== undefined
  const buttons = [
    ...(wantsAnswer && hasButton
      ? [
          {
            ...button('Acknowledge', ACKNOWLEDGE_ACTION),
            style: 'primary',
            value: JSON.stringify({ id: incident.id, generation: incident.generation }),
          },
        ]
      : []),
    ...(wantsAnswer && !hasButton && acknowledgeUrl !== undefined
      ? [{ ...button('Acknowledge', 'firewatch.acknowledge_page'), url: acknowledgeUrl }]
      : []),
    ...(url === undefined ? [] : [{ ...button('Open', 'firewatch.open'), url }]),
  ]
  return [
    {
      type: 'header',
      text: { type: 'plain_text', text: cut(message.subject, HEADER_LENGTH_MAX), emoji: false },
    },
    ...(text === ''
      ? []
      : [{ type: 'section', text: { type: 'mrkdwn', text: cut(text, TEXT_LENGTH_MAX) } }]),
    ...(buttons.length > 0 ? [{ type: 'actions', elements: buttons }] : []),
  ]
}

const button = (label: string, action: string) => ({
  type: 'button',
  text: { type: 'plain_text', text: label },
  action_id: action,
})

/** What a target answered must not mention people or channels. */
export const escapeText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
