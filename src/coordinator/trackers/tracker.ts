import type { Clock } from '../../base/clock.ts'
import { cut } from '../../domain/paging/message.ts'
import type { Ticket, TicketOrder, TrackerKind, TrackerOf } from '../../protocol/ticket.ts'
import type { HttpAnswer, HttpClient } from '../../runtime/http-client.ts'
import { type DeliveryOutcome, type NotDelivered, retryAfterMs } from '../notifiers/notifier.ts'

export type Failure = NotDelivered

export type TicketOutcome = { kind: 'delivered'; ticket: Ticket } | Failure

export type TrackerContext = {
  http: HttpClient
  clock: Clock
  /** A secret by the name of its environment variable. */
  secret(name: string): string | undefined
  /** Aborts at the attempt's deadline. */
  signal: AbortSignal
  /** The same over all attempts. */
  deliveryId: string
  /** An attempt before this one may have been taken: look for what it opened. */
  isRepeated: boolean
  /** When the order was given: what it opened is not older. */
  orderedAt: number
}

export type OpenOrder = Extract<TicketOrder, { do: 'open' }>
export type WordOrder = Exclude<TicketOrder, { do: 'open' }>

/** One kind of tracker: makes one attempt. The delivery loop owns retries, backoff and giving up. */
export type TicketTracker<K extends TrackerKind> = {
  /** Opens a ticket, or finds the one that an attempt before opened. */
  open(order: OpenOrder, tracker: TrackerOf<K>, context: TrackerContext): Promise<TicketOutcome>
  /** Says something on a ticket, or closes it with a last word. May be said twice; closes once. */
  tell(
    order: WordOrder,
    ticket: Ticket,
    tracker: TrackerOf<K>,
    context: TrackerContext,
  ): Promise<DeliveryOutcome>
}

/** Longest part of a refusal that is told. */
const REFUSAL_LENGTH_MAX = 300

/**
 * What a tracker's refusal means. Of what it calls wrong a second try gives the same; a token or a right
 * that is missing somebody can mend while we go on trying: a ticket is in no hurry.
 */
export function refused(
  name: string,
  { status, headers }: HttpAnswer,
  words: string | undefined,
  now: number,
): Failure {
  const said =
    words === undefined ? '' : `: ${cut(words.replaceAll(/\s+/g, ' ').trim(), REFUSAL_LENGTH_MAX)}`
  return {
    kind: 'failed',
    reason: `${name} answered ${status}${said}`,
    retryable: status !== 400 && status !== 410 && status !== 422,
    retryAfterMs: retryAfterMs(headers['retry-after'], now),
  }
}

/** An answer as JSON; undefined where it is none. */
export function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // An error page of something between us and the tracker.
  }
}

/** Joins a server's address and a path. */
export const addressOf = (base: string, path: string): string =>
  `${base.replace(/\/+$/, '')}${path}`
