import { z } from 'zod'
import type { PhoneReport, PhoneVerdict } from '../../domain/paging/judge-call.ts'
import { cut } from '../../domain/paging/message.ts'
import { withoutPhones } from '../../domain/paging/phone-text.ts'
import type { Senders } from '../../protocol/destination.ts'
import type { HttpAnswer } from '../../runtime/http-client.ts'
import {
  type Delivery,
  type DeliveryOutcome,
  type NotDelivered,
  type NotifierContext,
  notSet,
  retryAfterMs,
} from './notifier.ts'

/** Where a telephone service tells what became of a delivery, and which key was pressed. */
export const PHONE_PATH = '/api/v1/phone'

const URL_USUAL = 'https://api.twilio.com'
export const TOKEN_USUAL = 'TWILIO_AUTH_TOKEN'

/** What is told of a refusal: a sentence, and no page of HTML. */
const WORDS_LENGTH_MAX = 200

/** A call or a text of which nothing final is heard for so long will not be heard of any more. */
const UNKNOWN_AFTER_MS = 5 * 60_000

const Accepted = z.object({ sid: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) })
const Refusal = z.object({ code: z.number().optional(), message: z.string() })
const State = z.object({ status: z.string(), answered_by: z.string().nullish() })

export type PhoneService = {
  sender: NonNullable<Senders['voice']>
  /** Asks for a call or a text. One that was asked for is `taken`: nobody has heard it yet. */
  ask(fields: Record<string, string | string[]>): Promise<DeliveryOutcome>
  /** What became of one that was taken. */
  whatBecameOf(taken: NonNullable<Delivery['taken']>): Promise<DeliveryOutcome>
}

/**
 * A service with the interface of Twilio, for one kind of thing. It has no key against duplicates: whoever
 * asks again calls again, so what was taken is asked about and never asked for twice.
 *
 * @see https://www.twilio.com/docs/voice/api/call-resource
 * @see https://www.twilio.com/docs/messaging/api/message-resource
 */
export function phoneService(
  { http, senders, secret, signal, clock }: NotifierContext,
  how: {
    resource: 'Calls' | 'Messages'
    /** How long it may take before it is asked about. */
    askAfterMs: number
    judge(report: PhoneReport, sender: PhoneService['sender']): PhoneVerdict
  },
): PhoneService | NotDelivered {
  const { voice: sender } = senders
  if (!sender)
    return {
      kind: 'failed',
      reason: 'senders.voice is not in config/notifications.yaml',
      retryable: false,
    }
  const { url = URL_USUAL, account, token: variable = TOKEN_USUAL } = sender
  const token = secret(variable)
  if (!token) return notSet(variable)
  const { resource, askAfterMs } = how
  const base = `${url.replace(/\/+$/, '')}/2010-04-01/Accounts/${account}/${resource}`
  const headers = {
    authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`,
    'user-agent': 'Firewatch',
  }

  function refused(answer: HttpAnswer): NotDelivered {
    const { code, message } = Refusal.safeParse(jsonOf(answer)).data ?? {}
    const said = message === undefined ? '' : `: ${quoted(message)}`
    const number = code === undefined ? '' : ` (${code})`
    return {
      kind: 'failed',
      reason: `the telephone service answered ${answer.status}${number}${said}${adviceFor(answer.status)}`,
      retryable: answer.status === 429 || answer.status >= 500,
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], clock.now()),
    }
  }

  const quoted = (words: string) =>
    cut(withoutPhones(words.replaceAll(token, '…')), WORDS_LENGTH_MAX)

  return {
    sender,
    async ask(fields) {
      const answer = await http.post(`${base}.json`, form(fields), {
        signal,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      })
      if (answer.status < 200 || answer.status >= 300) return refused(answer)
      const accepted = Accepted.safeParse(jsonOf(answer))
      return accepted.success
        ? { kind: 'taken', as: accepted.data.sid, askAfterMs }
        : {
            kind: 'ambiguous',
            reason:
              'the telephone service accepted it and did not say as what; it may have arrived',
            retryable: true,
          }
    },
    async whatBecameOf({ as, at }) {
      const answer = await http.get(`${base}/${as}.json`, { signal, headers })
      // Whether it rang is as unknown as before: that asking failed is no reason to call again.
      if (answer.status !== 200) return { ...refused(answer), kind: 'ambiguous' }
      const state = State.safeParse(jsonOf(answer)).data
      const report = { status: state?.status, answeredBy: state?.answered_by ?? undefined }
      const outcome = outcomeOf(how.judge(report, sender))
      if (outcome !== undefined) return outcome
      return clock.now() - at < UNKNOWN_AFTER_MS
        ? { kind: 'taken', as, askAfterMs }
        : {
            kind: 'ambiguous',
            reason: 'the telephone service never said what became of it; it may have arrived',
            retryable: false,
          }
    },
  }
}

/** How long a busy line is left alone: who talks has seen that somebody calls. */
const REDIAL_AFTER_MS = 20_000

/** What a final report means for the delivery; undefined while it is under way. */
export function outcomeOf(verdict: PhoneVerdict): DeliveryOutcome | undefined {
  switch (verdict.kind) {
    case 'under_way':
      return undefined
    case 'arrived':
      return { kind: 'delivered' }
    case 'not_arrived':
      return {
        kind: 'failed',
        reason: verdict.reason,
        retryable: verdict.mayRepeat,
        ...(verdict.isUnanswered && { isUnanswered: true }),
        ...(verdict.mayRepeat && { retryAfterMs: REDIAL_AFTER_MS }),
      }
  }
}

/** Where the service tells of a delivery. Its signature is over the whole address, so nobody can name another. */
export const phoneCallback = (
  { links }: Pick<NotifierContext, 'links'>,
  what: 'call-status' | 'text-status' | 'key',
  deliveryId: string,
): string => links.to(`${PHONE_PATH}/${what}?delivery=${encodeURIComponent(deliveryId)}`)

const form = (fields: Record<string, string | string[]>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  ).toString()

const adviceFor = (status: number): string =>
  status === 401 ? '; are senders.voice’s account and its token of one account?' : ''

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
