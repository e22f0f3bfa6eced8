import type { Clock } from '../../base/clock.ts'
import type { DestinationKind, DestinationOf, Senders } from '../../protocol/destination.ts'
import type { HttpClient } from '../../runtime/http-client.ts'

/** What is delivered: exactly these bytes, under an id that stays the same over all attempts. */
export type Delivery = {
  deliveryId: string
  eventType: string
  /** A `Notification` as JSON. */
  body: string
}

export type DeliveryOutcome =
  | { kind: 'delivered' }
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
      /** What the receiver asked for. */
      retryAfterMs?: number | undefined
    }

export type NotifierContext = {
  http: HttpClient
  clock: Clock
  senders: Senders
  /** A secret by the name of its environment variable. */
  secret(name: string): string | undefined
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
export const notSet = (variable: string): Extract<DeliveryOutcome, { retryable: boolean }> => ({
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

/** What an attempt came to that ended in an error. Codes carry neither secrets nor the URL's path. */
export function outcomeOfError(code: string | undefined, words: string): DeliveryOutcome {
  const isUnsent = code !== undefined && NOTHING_SENT.includes(code)
  return {
    kind: isUnsent ? 'failed' : 'ambiguous',
    reason: isUnsent ? code : `no answer (${code ?? words}); it may have arrived`,
    retryable: true,
  }
}
