import { codeOf, messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { DestinationKind, DestinationOf, Senders } from '../../protocol/destination.ts'
import type { HttpClient } from '../../runtime/http-client.ts'
import type { Links } from '../links.ts'
import type { Taken } from '../store/outbox.ts'

/** What is delivered: exactly these bytes, under an id that stays the same over all attempts. */
export type Delivery = {
  deliveryId: string
  eventType: string
  /** A `Notification` as JSON. */
  body: string
  /** An attempt before this one ended as `taken`: what became of it is asked, and nothing is sent again. */
  taken?: Taken | undefined
}

export type DeliveryOutcome =
  | { kind: 'delivered' }
  | {
      /** Whoever carries it out has it and knows it by this id; whether it arrives they tell, or are asked. */
      kind: 'taken'
      as: string
      askAfterMs: number
    }
  | {
      /**
       * `failed`: it did not arrive. `ambiguous`: it may have, as when an answer never came. Sending it
       * again is right in both cases; what a person is told of it is not the same.
       */
      kind: 'failed' | 'ambiguous'
      /** In words, without URLs or tokens. */
      reason: string
      /** True when the same delivery may succeed later. */
      retryable: boolean
      /** The way there works, and nobody was at its end. */
      isUnanswered?: boolean
      /** What the receiver asked for. */
      retryAfterMs?: number | undefined
    }

export type NotDelivered = Extract<DeliveryOutcome, { retryable: boolean }>

export type NotifierContext = {
  http: HttpClient
  clock: Clock
  senders: Senders
  /** A secret by the name of its environment variable. */
  secret(name: string): string | undefined
  /** Addresses of ours, for whoever tells what became of a delivery. */
  links: Pick<Links, 'to'>
  /** Aborts at the attempt's deadline. */
  signal: AbortSignal
}

/** One kind of destination: makes one attempt. The delivery loop owns retries, backoff and giving up. */
export type Notifier<K extends DestinationKind> = (
  delivery: Delivery,
  destination: DestinationOf<K>,
  context: NotifierContext,
) => Promise<DeliveryOutcome>

/** Somebody may set it while we run; until then each attempt says what is missing. */
export const notSet = (variable: string): NotDelivered => ({
  kind: 'failed',
  reason: `${variable} is not set`,
  retryable: true,
})

/** What a receiver asks for with `Retry-After`: seconds, or a date. */
export function retryAfterMs(
  header: string | string[] | undefined,
  now: number,
): number | undefined {
  const text = String(header ?? '').trim()
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Errors with which a connection never came about: nothing was sent. */
const NOTHING_SENT = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]

/** What an attempt came to that ended in an error. */
export const outcomeOfThrown = (error: unknown, signal: AbortSignal): NotDelivered =>
  signal.aborted
    ? outcomeOfError(undefined, 'the attempt took too long')
    : outcomeOfError(codeOf(error), messageOf(error))

/** Codes carry neither secrets nor the URL's path. */
function outcomeOfError(code: string | undefined, words: string): NotDelivered {
  const isUnsent = code !== undefined && NOTHING_SENT.includes(code)
  return {
    kind: isUnsent ? 'failed' : 'ambiguous',
    reason: isUnsent ? code : `no answer (${code ?? words}); it may have arrived`,
    retryable: true,
  }
}
