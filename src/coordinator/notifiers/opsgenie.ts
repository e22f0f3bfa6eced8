import { z } from 'zod'
import { cut, externalKeyFor, type Message } from '../../domain/paging/message.ts'
import { earlierRings, openRings, type Ring } from '../../domain/paging/next-ring.ts'
import { waitFor } from '../../runtime/deadline.ts'
import type { HttpAnswer } from '../../runtime/http-client.ts'
import {
  type Delivery,
  type DeliveryOutcome,
  type Notifier,
  type NotifierContext,
  notSet,
  retryAfterMs,
} from './notifier.ts'
import { messageIn } from './read-body.ts'

/** @see https://docs.opsgenie.com/docs/alert-api */
const MESSAGE_LENGTH_MAX = 130
const ALIAS_LENGTH_MAX = 512
const DESCRIPTION_LENGTH_MAX = 15_000
const ENTITY_LENGTH_MAX = 512
const TAG_LENGTH_MAX = 50
const NOTE_LENGTH_MAX = 25_000
/** All details together may have about 8,000; ours are three, of which two are addresses. */
const DETAIL_LENGTH_MAX = 2_000

/** When to ask what became of an alert: two seconds in all, of the ten that an attempt has. */
const ASKED_AFTER_MS = [50, 150, 300, 500, 1_000]

/** What is told of a refusal: a sentence, and no page of HTML. */
const WORDS_LENGTH_MAX = 200

const SELF = 'Firewatch'

const PRIORITIES = { 'SEV-1': 'P1', 'SEV-2': 'P2', 'SEV-3': 'P3', 'SEV-4': 'P5' } as const

const Accepted = z.object({ requestId: z.string().min(1) })
const Processed = z.object({
  data: z.object({ isSuccess: z.boolean(), status: z.string().default('no reason given') }),
})
const Refusal = z.object({ message: z.string() })

/** Who takes alerts in this form: Opsgenie, and what succeeds it. */
type Service = {
  /** For people. */
  name: string
  url: string
  apiKey: string
}

/** Sends alerts to Opsgenie. */
export const sendOpsgenie: Notifier<'opsgenie'> = async (delivery, { apiKey }, context) =>
  sendAlert(delivery, context, {
    name: 'Opsgenie',
    url: context.senders.opsgenie?.url ?? 'https://api.opsgenie.com',
    apiKey,
  })

/**
 * Creates, acknowledges and closes an alert, and notes on it what else is told. Its alias carries the
 * generation and the ring, because creating one that is open rings nobody again, and the key's name, because
 * an account has one open alert of an alias, whichever team's integration it came by; what rang earlier is
 * closed first. A request is accepted before it is looked at, so for what must ring it is asked
 * what became of it; one that comes too late, for an alert that is closed or was never opened, does no
 * harm.
 *
 * @see https://github.com/prometheus/alertmanager/issues/3639
 */
export async function sendAlert(
  delivery: Delivery,
  context: NotifierContext,
  service: Service,
): Promise<DeliveryOutcome> {
  const key = context.secret(service.apiKey)
  if (!key) return notSet(service.apiKey)
  const api = alertApi(service, key, context)
  for (const request of requestsOf(delivery, messageIn(delivery), service)) {
    const outcome = await api.ask(request)
    if (outcome.kind !== 'delivered') return outcome
  }
  return { kind: 'delivered' }
}

type AlertRequest = { path: string; body: object; mustRing: boolean }

function requestsOf(delivery: Delivery, message: Message, { apiKey }: Service): AlertRequest[] {
  const { incident, stage, subject } = message
  if (!incident) {
    // What is of no incident has no alert to be noted on.
    if (stage !== 'test') return []
    const alias = cut(delivery.deliveryId, ALIAS_LENGTH_MAX)
    // A test rings and leaves nothing open.
    return [created(delivery, message, alias), changed(alias, 'close', subject)]
  }
  const aliasOf = (ring: Ring) => externalKeyFor(incident.id, ring, apiKey)
  const alias = aliasOf(incident)
  switch (stage) {
    case 'acknowledged':
      return openRings(incident).map((one) => changed(aliasOf(one), 'acknowledge', subject))
    case 'over':
      return openRings(incident).map((one) => changed(aliasOf(one), 'close', subject))
    case 'tells':
      return [changed(alias, 'notes', [subject, ...message.lines].join('\n'))]
    case 'wrong':
    case 'test':
      return [
        ...earlierRings(incident).map((ring) =>
          changed(aliasOf(ring), 'close', `${alias} goes on from here`),
        ),
        created(delivery, message, alias),
      ]
  }
}

function created(delivery: Delivery, message: Message, alias: string): AlertRequest {
  const { subject, lines, service, severity = 'SEV-3', since, url, acknowledgeUrl } = message
  const details = {
    delivery: delivery.deliveryId,
    since,
    incident: url,
    acknowledge: acknowledgeUrl,
  }
  return {
    path: '/v2/alerts',
    mustRing: true,
    body: {
      message: cut(subject, MESSAGE_LENGTH_MAX),
      alias,
      // Whole, because the message rarely has room for it.
      description: cut([subject, ...lines].join('\n'), DESCRIPTION_LENGTH_MAX),
      priority: PRIORITIES[severity],
      source: SELF,
      user: SELF,
      ...(service !== undefined && { entity: cut(service, ENTITY_LENGTH_MAX) }),
      tags: [severity, ...(service === undefined ? [] : [service])].map((tag) =>
        cut(tag, TAG_LENGTH_MAX),
      ),
      details: Object.fromEntries(
        Object.entries(details).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, cut(value, DETAIL_LENGTH_MAX)]],
        ),
      ),
    },
  }
}

const changed = (
  alias: string,
  action: 'acknowledge' | 'close' | 'notes',
  note: string,
): AlertRequest => ({
  path: `/v2/alerts/${encodeURIComponent(alias)}/${action}?identifierType=alias`,
  mustRing: false,
  body: { user: SELF, source: SELF, note: cut(note, NOTE_LENGTH_MAX) },
})

function alertApi({ name, url }: Service, key: string, context: NotifierContext) {
  const { http, signal, clock } = context
  const base = url.replace(/\/+$/, '')
  const headers = { authorization: `GenieKey ${key}`, 'user-agent': SELF }
  /** What they say may quote what we sent. */
  const quoted = (words: string) => cut(words.replaceAll(key, '…'), WORDS_LENGTH_MAX)

  function refused(answer: HttpAnswer): DeliveryOutcome {
    const { status } = answer
    const said = Refusal.safeParse(jsonOf(answer)).data?.message
    return {
      kind: 'failed',
      reason: `${name} answered ${status}${said === undefined ? '' : `: ${quoted(said)}`}${adviceFor(status)}`,
      retryable: status === 429 || status >= 500,
      retryAfterMs: retryAfterOf(answer, clock.now()),
    }
  }

  /** An alias makes it safe to create an alert again of which nobody knows. */
  const unknown = (answer?: HttpAnswer): DeliveryOutcome => ({
    kind: 'ambiguous',
    reason: `${name} accepted the alert and did not say what became of it; it may have arrived`,
    retryable: true,
    retryAfterMs: answer && retryAfterOf(answer, clock.now()),
  })

  async function whatBecameOf(requestId: string): Promise<DeliveryOutcome> {
    for (const afterMs of ASKED_AFTER_MS) {
      await waitFor(afterMs, signal)
      signal.throwIfAborted()
      const answer = await http.get(`${base}/v2/alerts/requests/${encodeURIComponent(requestId)}`, {
        headers,
        signal,
      })
      // A request is not found until it was processed.
      if (answer.status === 404) continue
      const processed = Processed.safeParse(jsonOf(answer))
      if (answer.status !== 200 || !processed.success) return unknown(answer)
      const { isSuccess, status } = processed.data.data
      return isSuccess
        ? { kind: 'delivered' }
        : {
            kind: 'failed',
            reason: `${name} did not take the alert: ${quoted(status)}`,
            retryable: false,
          }
    }
    return unknown()
  }

  return {
    async ask({ path, body, mustRing }: AlertRequest): Promise<DeliveryOutcome> {
      const answer = await http.post(`${base}${path}`, JSON.stringify(body), {
        signal,
        headers: { ...headers, 'content-type': 'application/json' },
      })
      if (answer.status !== 202) return refused(answer)
      if (!mustRing) return { kind: 'delivered' }
      const accepted = Accepted.safeParse(jsonOf(answer))
      return accepted.success ? whatBecameOf(accepted.data.requestId) : unknown()
    },
  }
}

/** A key of the other region looks like a wrong one. */
const adviceFor = (status: number): string =>
  status === 401 || status === 403
    ? '; is it the key of an API integration that may create alerts, and senders’ url that of its region?'
    : ''

const retryAfterOf = ({ headers }: HttpAnswer, now: number): number | undefined =>
  retryAfterMs(headers['retry-after'] ?? headers['x-ratelimit-period-in-sec'], now)

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
