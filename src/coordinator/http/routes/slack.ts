import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError, messageOf } from '../../../base/app-error.ts'
import { IncidentId } from '../../../protocol/ids.ts'
import { API_PREFIX } from '../../../protocol/public-api.ts'
import { within } from '../../../runtime/deadline.ts'
import { acknowledgeAs } from '../../acknowledge.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { ACKNOWLEDGE_ACTION } from '../../notifiers/slack.ts'
import {
  nameInSlack,
  proveSlack,
  SLACK_ANSWER_MS,
  SLACK_BODY_BYTES_MAX,
  tellSlack,
} from '../slack-request.ts'
import { addSlackCommands } from './slack-commands.ts'

const REQUESTS_PER_MINUTE_MAX = 600
const MINUTE_MS = 60_000

const Interaction = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string(), username: z.string().optional(), name: z.string().optional() }),
  response_url: z.string().optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })),
})
type Interaction = z.infer<typeof Interaction>

const Value = z.object({ id: IncidentId, generation: z.number().int().positive() })

/** Where Slack tells which button was pressed, `POST /api/v1/slack/interactions`, and what was typed. */
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
      bodyLimit: SLACK_BODY_BYTES_MAX,
      config: { access: 'signed' },
      schema: { summary: "A button of ours that somebody pressed, in Slack's form." },
      handler: async (request, reply) => {
        const interaction = read(parts, request)
        const work = pressed(parts, interaction).catch((error: unknown) =>
          parts.logger.error({ error: messageOf(error) }, 'a button of Slack did nothing'),
        )
        // What takes longer goes on; it is done once, however often Slack tells of it.
        await within(SLACK_ANSWER_MS, work)
        return reply.header('cache-control', 'no-store').send()
      },
    })
    addSlackCommands(scope, parts)
  })
}

function read(parts: CoordinatorParts, request: FastifyRequest): Interaction {
  const raw = proveSlack(parts, request)
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
  const by = nameInSlack(parts, user)
  const result = await acknowledgeAs(parts, { incidentId, generation, by })
  const words =
    result.kind === 'yours'
      ? `You have ${incidentId}.`
      : result.kind === 'not_yours'
        ? result.reason
        : `${incidentId} is not known here.`
  await tellSlack(parts, answerTo, words)
}
