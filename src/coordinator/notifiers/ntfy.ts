import { cut, type Message } from '../../domain/paging/message.ts'
import { type Notifier, notSet, retryAfterMs } from './notifier.ts'
import { messageIn } from './read-body.ts'

/** A longer message becomes an attachment. @see https://docs.ntfy.sh/publish/#limitations */
const MESSAGE_BYTES_MAX = 4_096
const TITLE_LENGTH_MAX = 250
const URL_USUAL = 'https://ntfy.sh'

/** Publishes to a topic of ntfy, as a push notification. @see https://docs.ntfy.sh/publish/#publish-as-json */
export const publishNtfy: Notifier<'ntfy'> = async (delivery, destination, context) => {
  const usual = context.senders.ntfy
  const { topic } = destination
  const { url = usual?.url ?? URL_USUAL, token = usual?.token } = destination
  const credential = token === undefined ? undefined : context.secret(token)
  if (token !== undefined && !credential) return notSet(token)

  const message = messageIn(delivery)
  const answer = await context.http.post(
    `${url.replace(/\/+$/, '')}/`,
    JSON.stringify({ topic, ...published(message) }),
    {
      signal: context.signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Firewatch',
        ...(credential && { authorization: `Bearer ${credential}` }),
      },
    },
  )
  if (answer.status >= 200 && answer.status < 300) return { kind: 'delivered' }
  return {
    kind: 'failed',
    reason: `ntfy answered ${answer.status}`,
    // Of the others a second try gives the same: a token that is wrong, a topic that is reserved.
    retryable: answer.status === 429 || answer.status >= 500,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], context.clock.now()),
  }
}

function published(message: Message) {
  const { url, acknowledgeUrl } = message
  return {
    title: cut(message.subject, TITLE_LENGTH_MAX),
    message: cutBytes(message.lines.join('\n'), MESSAGE_BYTES_MAX),
    priority: priorityOf(message),
    tags: message.stage === 'wrong' ? ['rotating_light'] : [],
    ...(url !== undefined && { click: url }),
    actions: [
      // The page asks before it acknowledges: a thumb in the dark must not.
      ...(acknowledgeUrl === undefined
        ? []
        : [{ action: 'view', label: 'Acknowledge', url: acknowledgeUrl }]),
      ...(url === undefined ? [] : [{ action: 'view', label: 'Open', url }]),
    ],
  }
}

/** 5 rings through “do not disturb” where its owner allows that; 3 is usual, 2 is silent. */
function priorityOf({ stage, severity }: Message): number {
  if (stage === 'test') return 4
  if (stage !== 'wrong') return 3
  return severity === 'SEV-1' ? 5 : severity === 'SEV-2' ? 4 : 3
}

function cutBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  // A sign that is cut in two becomes the replacement sign, which takes three bytes as the ellipsis does.
  const kept = Buffer.from(text)
    .subarray(0, bytesMax - 6)
    .toString('utf8')
  return `${kept.replace(/\uFFFD+$/, '')}…`
}
