import { createHmac } from 'node:crypto'
import { isSameSecret } from './same-secret.ts'

/** Older than that, or from the future, may be somebody's copy. */
const AGE_S_MAX = 300

/**
 * Whether a request is Slack's: its signature is over the time and the body as they came.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 * @param now epoch milliseconds.
 */
export function isFromSlack(
  request: { timestamp: string | undefined; signature: string | undefined; raw: Buffer },
  secret: string,
  now: number,
): boolean {
  const { timestamp = '', signature = '', raw } = request
  if (!/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now / 1_000 - Number(timestamp)) > AGE_S_MAX) return false
  return isSameSecret(signature, signSlack(secret, timestamp, raw))
}

export const signSlack = (secret: string, timestamp: string, raw: Buffer | string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest('hex')}`
