import type { FastifyRequest } from 'fastify'
import { AppError, messageOf } from '../../base/app-error.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { isFromSlack } from '../slack-signature.ts'

/** What all requests of Slack have in common: that they are its own, who made them, and where they are answered. */

export const SLACK_BODY_BYTES_MAX = 256 * 1024
/** Slack shows an error to whoever pressed a button or typed a command after three seconds. */
export const SLACK_ANSWER_MS = 2_500
const TELL_MS = 5_000
const SLACK_HOST = 'hooks.slack.com'

/**
 * The bytes of a request that is proven to be Slack's.
 *
 * @throws {AppError} `signal.refused` when it is not.
 */
export function proveSlack(
  { fleet, secret, clock }: CoordinatorParts,
  request: FastifyRequest,
): Buffer {
  const variable = fleet.senders?.slack?.signingSecret
  const key = variable === undefined ? undefined : secret(variable)
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const header = (name: string) => request.headers[name]?.toString()
  const proof = {
    timestamp: header('x-slack-request-timestamp'),
    signature: header('x-slack-signature'),
    raw,
  }
  if (!key || !isFromSlack(proof, key, clock.now()))
    throw new AppError('signal.refused', 'it is not signed by Slack, or too old')
  return raw
}

/** Who somebody in Slack is here: who has them as a contact, else by the name that they have there. */
export function nameInSlack(
  { fleet }: Pick<CoordinatorParts, 'fleet'>,
  user: { id: string; username?: string | undefined; name?: string | undefined },
): string {
  const person = fleet.onCall?.people.find(({ contacts }) =>
    contacts.some((contact) => contact.kind === 'slack' && contact.user === user.id),
  )
  return person?.id ?? user.username ?? user.name ?? user.id
}

/** Only to whoever pressed or typed it; the others are told as everybody is. */
export async function tellSlack(
  { http, fleet, logger }: CoordinatorParts,
  url: string | undefined,
  text: string,
): Promise<void> {
  if (url === undefined || !isSlacks(url, fleet.senders?.slack?.url)) return
  try {
    const body = JSON.stringify({ text, response_type: 'ephemeral', replace_original: false })
    const headers = { 'content-type': 'application/json' }
    await http.post(url, body, { headers, signal: AbortSignal.timeout(TELL_MS) })
  } catch (error) {
    // What was pressed has been done; that its answer is lost is no reason to fail.
    logger.warn({ error: messageOf(error) }, 'Slack did not take an answer')
  }
}

/** The address comes with the request: nothing is sent anywhere but to Slack. */
function isSlacks(url: string, configured: string | undefined): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  const isUsual = protocol === 'https:' && host === SLACK_HOST
  return isUsual || (configured !== undefined && new URL(configured).host === host)
}
