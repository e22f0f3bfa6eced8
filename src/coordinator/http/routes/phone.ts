import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../base/app-error.ts'
import { judgeCall, judgeText } from '../../../domain/paging/judge-call.ts'
import { ACKNOWLEDGE_KEY } from '../../../domain/paging/phone-text.ts'
import type { DeliveryState } from '../../../protocol/delivery.ts'
import { Notification } from '../../../protocol/notification.ts'
import { acknowledgeAs } from '../../acknowledge.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import type { DeliveryOutcome } from '../../notifiers/notifier.ts'
import { outcomeOf, PHONE_PATH, phoneCallback, TOKEN_USUAL } from '../../notifiers/twilio.ts'
import { askForKey, sayAndEnd } from '../../notifiers/twiml.ts'
import { recordAttempt } from '../../record-attempt.ts'
import { findDelivery, type OutboxEntry } from '../../store/outbox.ts'
import { isFromTwilio } from '../../twilio-signature.ts'

const REQUESTS_PER_MINUTE_MAX = 600
const MINUTE_MS = 60_000
const BODY_BYTES_MAX = 16 * 1024

/** Of a call that has begun: its end comes by itself, so it is asked about only when that does not. */
const ASK_AFTER_MS = 45_000

const Query = z.object({ delivery: z.string().min(1).max(500) })

type Told = { entry: OutboxEntry; state: DeliveryState; fields: URLSearchParams }

/** States in which a delivery that arrived is news. */
const NOT_ARRIVED: readonly DeliveryState[] = ['pending', 'ambiguous', 'cancelled']

/**
 * Where a telephone service tells what became of calls and texts, and which key somebody pressed:
 * `POST /api/v1/phone/{call-status,text-status,key}`.
 */
export function registerPhone(server: FastifyInstance, parts: CoordinatorParts): void {
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS })
    // The signature is over the fields of the form, each as it came.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    )
    const route = (
      path: string,
      summary: string,
      handler: (told: Told) => Promise<string | undefined>,
    ) =>
      scope.route({
        method: 'POST',
        url: `${PHONE_PATH}/${path}`,
        bodyLimit: BODY_BYTES_MAX,
        config: { access: 'signed' },
        schema: { summary },
        handler: async (request, reply) => {
          const script = await handler(await read(parts, request))
          reply.header('cache-control', 'no-store')
          return script === undefined
            ? reply.code(204).send()
            : reply.type('text/xml; charset=utf-8').send(script)
        },
      })
    route('call-status', "What became of a call, in Twilio's form.", (told) =>
      noteCall(parts, told),
    )
    route('text-status', "What became of a text message, in Twilio's form.", (told) =>
      noteText(parts, told),
    )
    route('key', "Which key somebody pressed in a call, in Twilio's form.", (told) =>
      takeKey(parts, told),
    )
  })
}

/** @throws {AppError} `signal.refused` when it is not proven to be the service's. */
async function read(
  { fleet, secret, links, store }: CoordinatorParts,
  request: FastifyRequest,
): Promise<Told> {
  const { voice } = fleet.senders ?? {}
  const token = voice && secret(voice.token ?? TOKEN_USUAL)
  const fields = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
  const proof = {
    // As we are known outside: which host a proxy asked for is nobody's word.
    url: links.to(request.url),
    signature: request.headers['x-twilio-signature']?.toString(),
    fields,
  }
  if (!token || !isFromTwilio(proof, token))
    throw new AppError(
      'signal.refused',
      'it is not signed with the token of senders.voice, or FIREWATCH_PUBLIC_URL is not the address that was called',
    )
  const query = Query.safeParse(request.query)
  const found = query.success && (await findDelivery(store, query.data.delivery))
  if (!found) throw new AppError('request.not_found', 'no such delivery')
  return { ...found, fields }
}

const field = (fields: URLSearchParams, name: string) => fields.get(name) ?? undefined

async function noteCall(parts: CoordinatorParts, told: Told): Promise<undefined> {
  const { fields } = told
  const verdict = judgeCall(
    { status: field(fields, 'CallStatus'), answeredBy: field(fields, 'AnsweredBy') },
    { asksWhoAnswers: parts.fleet.senders?.voice?.asksWhoAnswers ?? false },
  )
  return note(parts, told, { as: field(fields, 'CallSid'), outcome: outcomeOf(verdict) })
}

async function noteText(parts: CoordinatorParts, told: Told): Promise<undefined> {
  const { fields } = told
  const verdict = judgeText({ status: field(fields, 'MessageStatus') })
  return note(parts, told, { as: field(fields, 'MessageSid'), outcome: outcomeOf(verdict) })
}

/**
 * Writes down what is told of a delivery. One that goes on proves that it exists, whatever became of the
 * answer to who asked for it; of an earlier one only that it arrived is news.
 */
async function note(
  parts: CoordinatorParts,
  { entry, state }: Told,
  { as, outcome }: { as: string | undefined; outcome: DeliveryOutcome | undefined },
): Promise<undefined> {
  if (as === undefined) throw new AppError('signal.malformed', 'expected the SID of what it is of')
  const isCurrent = entry.taken === undefined || entry.taken.as === as
  if (outcome?.kind === 'delivered') await noteArrived(parts, { entry, state })
  else if (state === 'pending' && isCurrent)
    await recordAttempt(parts, entry, outcome ?? { kind: 'taken', as, askAfterMs: ASK_AFTER_MS })
  parts.wake.deliver()
}

async function noteArrived(
  parts: CoordinatorParts,
  { entry, state }: Pick<Told, 'entry' | 'state'>,
): Promise<void> {
  if (NOT_ARRIVED.includes(state)) await recordAttempt(parts, entry, { kind: 'delivered' })
}

/** The answer is what the call goes on with. */
async function takeKey(parts: CoordinatorParts, told: Told): Promise<string> {
  const { entry, fields } = told
  // Whoever presses a key has heard it; before it is acknowledged, since that cancels what has not arrived.
  await noteArrived(parts, told)
  if (fields.get('Digits') !== ACKNOWLEDGE_KEY)
    return askForKey(
      [`That was not ${ACKNOWLEDGE_KEY}.`, `Press ${ACKNOWLEDGE_KEY} to acknowledge.`],
      phoneCallback(parts, 'key', entry.deliveryId),
      'No key was pressed. Goodbye.',
    )
  const { id, generation = 1 } = Notification.parse(JSON.parse(entry.body)).data
  const by = entry.personal?.personId
  if (id === undefined || by === undefined) return sayAndEnd(['Thank you.', 'The test worked.'])
  const result = await acknowledgeAs(parts, { incidentId: id, generation, by })
  switch (result.kind) {
    case 'yours':
      return sayAndEnd(['Thank you.', `You have ${spoken(id)}.`])
    case 'not_yours':
      return sayAndEnd([`${sentence(result.reason)}.`])
    case 'unknown':
      return sayAndEnd([`${sentence(spoken(id))} is not known here.`])
  }
}

const spoken = (incidentId: string) => incidentId.replace(/^INC-/, 'incident ')
const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`
