import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError, messageOf } from '../../../base/app-error.ts'
import { IncidentId } from '../../../protocol/ids.ts'
import { API_PREFIX } from '../../../protocol/public-api.ts'
import { waitFor } from '../../../runtime/deadline.ts'
import { acknowledgeAs } from '../../acknowledge.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { ACKNOWLEDGE_ACTION } from '../../notifiers/slack.ts'
import { isFromSlack } from '../../slack-signature.ts'

const REQUESTS_PER_MINUTE_MAX = 600
const MINUTE_MS = 60_000
const BODY_BYTES_MAX = 256 * 1024
/** Slack shows an error to whoever pressed the button after three seconds. */
const ANSWER_MS = 2_500
const TELL_MS = 5_000
const SLACK_HOST = 'hooks.slack.com'

const Interaction = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string(), username: z.string().optional(), name: z.string().optional() }),
  response_url: z.string().optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })),
})
type Interaction = z.infer<typeof Interaction>

const Value = z.object({ id: IncidentId, generation: z.number().int().positive() })

/** Where Slack tells which button was pressed: `POST /api/v1/slack/interactions`. */
export function registerSlack(server: FastifyInstance, parts: CoordinatorParts): void {
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS })
    // The signature is over the bytes of the form.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    scope.route({
      method: 'POST',
      url: `${API_PREFIX}/slack/interactions`,
      bodyLimit: BODY_BYTES_MAX,
      config: { access: 'signed' },
      schema: { summary: "A button of ours that somebody pressed, in Slack's form." },
      handler: async (request, reply) => {
        const interaction = read(parts, request)
        const work = pressed(parts, interaction).catch((error: unknown) =>
          parts.logger.error({ error: messageOf(error) }, 'a button of Slack did nothing'),
        )
        // What takes longer goes on; it is done once, however often Slack tells of it.
        await Promise.race([work, waitFor(ANSWER_MS, AbortSignal.timeout(ANSWER_MS))])
        return reply.header('cache-control', 'no-store').send()
      },
    })
  })
}

/** @throws {AppError} `signal.refused` when it is not proven to be Slack's. */
function read({ fleet, secret, clock }: CoordinatorParts, request: FastifyRequest): Interaction {
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
  const payload = new URLSearchParams(raw.toString('utf8')).get('payload') ?? ''
  const parsed = Interaction.safeParse(jsonOf(payload))
  if (parsed.success) return parsed.data
  throw new AppError('signal.malformed', 'expected a form with block_actions as its payload')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function pressed(parts: CoordinatorParts, interaction: Interaction): Promise<void> {
  const { actions, user, response_url: answerTo } = interaction
  const action = actions.find(({ action_id: id }) => id === ACKNOWLEDGE_ACTION)
  const value = action && Value.safeParse(jsonOf(action.value ?? ''))
  if (!value?.success) return
  const { id: incidentId, generation } = value.data
  const person = parts.fleet.onCall?.people.find(({ contacts }) =>
    contacts.some((contact) => contact.kind === 'slack' && contact.user === user.id),
  )
  const by = person?.id ?? user.username ?? user.name ?? user.id
  const result = await acknowledgeAs(parts, { incidentId, generation, by })
  const words =
    result.kind === 'yours'
      ? `You have ${incidentId}.`
      : result.kind === 'not_yours'
        ? result.reason
        : `${incidentId} is not known here.`
  await tell(parts, answerTo, words)
}

/** Only to whoever pressed it; the others are told as everybody is. */
async function tell(
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
    logger.warn({ error: messageOf(error) }, 'Slack did not take an answer to a button')
  }
}

/** The address comes with the request: nothing is sent anywhere but to Slack. */
function isSlacks(url: string, configured: string | undefined): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  const isUsual = protocol === 'https:' && host === SLACK_HOST
  return isUsual || (configured !== undefined && new URL(configured).host === host)
}
