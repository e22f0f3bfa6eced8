import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError, messageOf } from '../../../base/app-error.ts'
import {
  byName,
  helpWords,
  incidentsWords,
  onCallWords,
  readChatCommand,
  reportedWords,
  unknownName,
} from '../../../domain/chat/slash-command.ts'
import { describeIncident } from '../../../domain/incident/describe-incident.ts'
import { describeOnCall } from '../../../domain/on-call/describe-on-call.ts'
import { API_PREFIX } from '../../../protocol/public-api.ts'
import { NewUserReport } from '../../../protocol/signal.ts'
import { within } from '../../../runtime/deadline.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { escapeText } from '../../notifiers/slack.ts'
import { loadRoster } from '../../on-call-desk.ts'
import { takeReport } from '../../report-desk.ts'
import { countOpenIncidents, listIncidents } from '../../store/incidents.ts'
import {
  nameInSlack,
  proveSlack,
  SLACK_ANSWER_MS,
  SLACK_BODY_BYTES_MAX,
  tellSlack,
} from '../slack-request.ts'

/** Open incidents looked at: far more than an answer shows. */
const INCIDENTS_MAX = 200
/** Longest answer; Slack cuts what is longer. */
const ANSWER_LENGTH_MAX = 6_000

const TIME_ZONE_DATA = process.versions.tz ?? 'unknown'

/** @see https://docs.slack.dev/interactivity/implementing-slash-commands */
const Typed = z.object({
  command: z.string().min(1).max(100),
  text: z.string().max(8_000).default(''),
  user_id: z.string().min(1).max(100),
  user_name: z.string().max(100).optional(),
  response_url: z.string().max(2_000).optional(),
  /** One for each time that somebody typed it. */
  trigger_id: z.string().max(500).optional(),
})
type Typed = z.infer<typeof Typed>

/**
 * Where Slack tells what somebody typed after `/firewatch`: `POST /api/v1/slack/commands`. Only they read the
 * answer. What takes longer than Slack waits is done all the same, and answered where Slack says.
 */
export function addSlackCommands(scope: FastifyInstance, parts: CoordinatorParts): void {
  scope.route({
    method: 'POST',
    url: `${API_PREFIX}/slack/commands`,
    bodyLimit: SLACK_BODY_BYTES_MAX,
    config: { access: 'signed' },
    schema: { summary: "What somebody typed after our slash command, in Slack's form." },
    handler: async (request, reply) => {
      const raw = proveSlack(parts, request)
      const parsed = Typed.safeParse(Object.fromEntries(new URLSearchParams(raw.toString('utf8'))))
      if (!parsed.success)
        throw new AppError('signal.malformed', 'expected the form of a slash command')
      const typed = parsed.data
      const work = answer(parts, typed).catch((error: unknown) => {
        parts.logger.error({ error: messageOf(error) }, 'a slash command of Slack failed')
        return 'That did not work; the log of the coordinator says why.'
      })
      const text = await within(SLACK_ANSWER_MS, work)
      // It goes on; its end is told later, to the same person.
      if (text === undefined)
        void work.then((late) => tellSlack(parts, typed.response_url, forSlack(late)))
      return reply.header('cache-control', 'no-store').send({
        response_type: 'ephemeral',
        text: text === undefined ? 'One moment …' : forSlack(text),
      })
    },
  })
}

/** As Slack's own marks it shows nothing: no link, no mention of everybody. */
const forSlack = (text: string): string => {
  const escaped = escapeText(text)
  return escaped.length <= ANSWER_LENGTH_MAX
    ? escaped
    : `${escaped.slice(0, ANSWER_LENGTH_MAX - 1)}…`
}

async function answer(parts: CoordinatorParts, typed: Typed): Promise<string> {
  const { store, fleet, clock, links } = parts
  const command = readChatCommand(asTyped(typed.text))
  switch (command.kind) {
    case 'help':
      return helpWords(typed.command, command.unknown)
    case 'report':
      return report(parts, typed, command)
    case 'on_call': {
      const now = clock.now()
      const told = describeOnCall(await loadRoster(store, fleet, now), now, TIME_ZONE_DATA)
      return onCallWords(told, fleet.services, command.name, fleet.onCall?.otherwise)
    }
    case 'incidents': {
      const open = await listIncidents(store, { state: 'open', limit: INCIDENTS_MAX })
      return incidentsWords(
        open.map((incident) => ({ ...incident, headline: describeIncident(incident) })),
        {
          now: clock.now(),
          total: await countOpenIncidents(store),
          linkTo: (id) => links.incident(id),
        },
      )
    }
  }
}

async function report(
  parts: CoordinatorParts,
  typed: Typed,
  { service: wanted, words }: { service: string; words: string },
): Promise<string> {
  const { fleet } = parts
  const service = byName(fleet.services, wanted)
  if (!service)
    return unknownName(
      'service',
      wanted,
      fleet.services.map(({ id }) => id),
    )
  const asked = NewUserReport.safeParse({
    serviceId: service.id,
    text: words,
    by: nameInSlack(parts, { id: typed.user_id, username: typed.user_name }),
    // Slack may send the same again; then it counts once.
    ...(isId(typed.trigger_id) && { commandId: typed.trigger_id }),
  })
  if (!asked.success) return 'That is too long for a report; say it in fewer words.'
  try {
    return reportedWords(service.name, await takeReport(parts, asked.data))
  } catch (error) {
    if (error instanceof AppError && error.code === 'signal.too_many')
      return `It is known: ${error.message}.`
    throw error
  }
}

const isId = (text: string | undefined): boolean =>
  NewUserReport.shape.commandId.safeParse(text).success && text !== undefined

/** Slack writes these three signs of what was typed as entities. */
const asTyped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
