import { createHmac } from 'node:crypto'
import { type Notifier, notSet, retryAfterMs } from './notifier.ts'

const SECRET_PREFIX = 'whsec_'

/**
 * Posts to a URL in the form of Standard Webhooks: an id that stays the same over all attempts, a
 * time stamp, and a signature over both and the body.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const notifyWebhook: Notifier<'webhook'> = async (delivery, destination, context) => {
  const secret = context.secret(destination.secret)
  if (!secret) return notSet(destination.secret)

  const now = context.clock.now()
  const timestamp = String(Math.floor(now / 1_000))
  const answer = await context.http.post(destination.url, delivery.body, {
    signal: context.signal,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Firewatch',
      'webhook-id': delivery.deliveryId,
      'webhook-timestamp': timestamp,
      'webhook-signature': signWebhook(secret, delivery.deliveryId, timestamp, delivery.body),
    },
  })

  if (answer.status >= 200 && answer.status < 300) return { kind: 'delivered' }
  return {
    kind: 'failed',
    reason: `the receiver answered ${answer.status}`,
    // 410 says: never again. Other 4xx mean a wrong address or secret, which somebody can mend
    // while we go on trying; a redirect would send the signature elsewhere.
    retryable: answer.status !== 410,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], now),
  }
}

/** The `webhook-signature` header: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function signWebhook(secret: string, id: string, timestamp: string, body: string): string {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret
  const mac = createHmac('sha256', Buffer.from(encoded, 'base64'))
  return `v1,${mac.update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
