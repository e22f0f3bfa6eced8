import fastifyFormbody from '@fastify/formbody'
import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isAcknowledged } from '../../../domain/incident/commands/acknowledge.ts'
import { wantsPeople } from '../../../domain/paging/decide-pages.ts'
import { labelled } from '../../../domain/paging/page-text.ts'
import type { Incident } from '../../../protocol/incident.ts'
import { acknowledgeAs } from '../../acknowledge.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { ACKNOWLEDGE_PATH, type AcknowledgeGrant } from '../../links.ts'
import { linesFor } from '../../paging-desk.ts'
import { findIncident } from '../../store/incidents.ts'
import { askPage, donePage, NO_SUCH_LINK, PAGE_CSS } from '../pages/acknowledge-page.ts'

/** Of one address in a minute: people behind one proxy, and nobody who guesses. */
const REQUESTS_PER_MINUTE_MAX = 120
const MINUTE_MS = 60_000

const Params = z.object({ token: z.string() })
const Form = z.object({ generation: z.coerce.number().int().positive().optional() })

/**
 * Where a person acknowledges by the link that they were sent. Looking changes nothing, since programs
 * look as well; the button posts. Who has the link is its person, for as long as it is valid.
 */
export function registerAcknowledge(server: FastifyInstance, parts: CoordinatorParts): void {
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS })
    await scope.register(fastifyFormbody, { bodyLimit: 1_024 })
    const shared = { config: { access: 'signed' }, schema: { hide: true } } as const
    scope.get(`${ACKNOWLEDGE_PATH}/page.css`, shared, async (_request, reply) =>
      reply.type('text/css; charset=utf-8').send(PAGE_CSS),
    )
    scope.get(`${ACKNOWLEDGE_PATH}/:token`, shared, (request, reply) => ask(parts, request, reply))
    scope.post(`${ACKNOWLEDGE_PATH}/:token`, shared, (request, reply) =>
      take(parts, request, reply),
    )
  })
}

async function ask(parts: CoordinatorParts, request: FastifyRequest, reply: FastifyReply) {
  const found = await find(parts, request)
  if (!found) return html(reply.code(404), NO_SUCH_LINK)
  const { incident, grant } = found
  const incidentUrl = parts.links.incident(incident.id)
  if (!wantsPeople(incident))
    return html(reply, donePage(titleOf(incident), `It is ${incident.state}.`, incidentUrl))
  return html(
    reply,
    askPage({
      title: titleOf(incident),
      lines: labelled(await linesFor(parts.store, parts, incident)),
      incidentUrl,
      person: nameOf(parts, grant.personId),
      generation: incident.generation,
      held: isAcknowledged(incident)
        ? `${nameOf(parts, incident.acknowledged?.by ?? '')} has it.`
        : undefined,
    }),
  )
}

async function take(parts: CoordinatorParts, request: FastifyRequest, reply: FastifyReply) {
  const found = await find(parts, request)
  if (!found) return html(reply.code(404), NO_SUCH_LINK)
  const { incident, grant } = found
  // They have seen what the page said, which may be more than the message did.
  const { generation = grant.generation } = Form.safeParse(request.body).data ?? {}
  const result = await acknowledgeAs(parts, {
    incidentId: incident.id,
    generation,
    by: grant.personId,
  })
  const words =
    result.kind === 'yours'
      ? `You have it, ${nameOf(parts, grant.personId)}.`
      : result.kind === 'not_yours'
        ? sentence(result.reason)
        : 'This incident is not known.'
  return html(reply, donePage(titleOf(incident), words, parts.links.incident(incident.id)))
}

async function find(
  { links, clock, store }: CoordinatorParts,
  request: FastifyRequest,
): Promise<{ incident: Incident; grant: AcknowledgeGrant } | undefined> {
  const grant = links.read(Params.parse(request.params).token, clock.now())
  const incident = grant && (await findIncident(store, grant.incidentId))
  return grant && incident && { grant, incident }
}

const html = (reply: FastifyReply, page: string) =>
  reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page)

const titleOf = ({ severity, id, title }: Incident) => `${severity} ${id}: ${title}`
const nameOf = ({ fleet }: CoordinatorParts, id: string) =>
  fleet.onCall?.people.find((person) => person.id === id)?.name ?? id
const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
