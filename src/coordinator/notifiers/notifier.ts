import type { Clock } from '../../base/clock.ts'
import type { ChannelKind, ChannelOf } from '../../protocol/config.ts'
import type { HttpClient } from '../../runtime/http-client.ts'

/** What is delivered: exactly these bytes, under an id that stays the same over all attempts. */
export type Delivery = { deliveryId: string; eventType: string; body: string }

export type DeliveryOutcome =
  | { kind: 'delivered' }
  | {
      kind: 'failed'
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
  /** A secret by the name of its environment variable. */
  secret(name: string): string | undefined
  /** Aborts at the attempt's deadline. */
  signal: AbortSignal
}

/** One kind of channel: makes one attempt. The delivery loop owns retries, backoff and giving up. */
export type Notifier<K extends ChannelKind> = (
  delivery: Delivery,
  channel: ChannelOf<K>,
  context: NotifierContext,
) => Promise<DeliveryOutcome>
