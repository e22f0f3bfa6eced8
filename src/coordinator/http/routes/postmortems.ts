import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { renderPostmortem } from '../../../domain/postmortem/render-markdown.ts'
import {
  addActionItem,
  beginPostmortem,
  changeActionItem,
  exportPostmortem,
  getIncidentTimes,
  getPostmortem,
  listActionItems,
  listPostmortemRevisions,
  listPostmortems,
  movePostmortem,
  restorePostmortem,
  savePostmortem,
} from '../../../protocol/postmortem-api.ts'
import { actorOf } from '../../access/caller.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { loadTimes } from '../../incident-times.ts'
import * as desk from '../../postmortem-desk.ts'
import { markdownToPdf } from '../../postmortem-pdf.ts'
import { incidentsToReview } from '../../store/incidents.ts'
import * as store from '../../store/postmortems.ts'
import { defineRoute, type Route } from '../define-route.ts'

export const POSTMORTEM_ROUTES: readonly Route[] = [
  defineRoute(listPostmortems, async (_, parts) => ({
    data: (await incidentsToReview(parts.store)).flatMap(({ id, title, severity, postmortem }) =>
      postmortem
        ? {
            ...{ incidentId: id, title, severity, state: postmortem.state },
            dueAt: postmortem.dueAt ?? null,
          }
        : [],
    ),
  })),
  defineRoute(getPostmortem, ({ params }, parts) =>
    desk.loadPostmortem(parts.store, parts, params.incidentId),
  ),
  defineRoute(beginPostmortem, ({ params, body }, parts, caller) =>
    desk.moveReview(
      parts,
      params.incidentId,
      { by: actorOf(caller, body.by), now: parts.clock.now() },
      'begin',
    ),
  ),
  defineRoute(savePostmortem, ({ params, body }, parts, caller) =>
    desk.savePostmortem(parts, params.incidentId, { ...body, by: actorOf(caller, body.by) }),
  ),
  defineRoute(restorePostmortem, ({ params, body }, parts, caller) =>
    desk.restorePostmortem(parts, params.incidentId, { ...body, by: actorOf(caller, body.by) }),
  ),
  defineRoute(movePostmortem, ({ params, body }, parts, caller) =>
    desk.moveReview(
      parts,
      params.incidentId,
      { by: actorOf(caller, body.by), now: parts.clock.now() },
      { to: body.to, note: body.note },
    ),
  ),
  defineRoute(listPostmortemRevisions, async ({ params }, parts) => ({
    data: await store.postmortemRevisions(parts.store, params.incidentId),
  })),
  defineRoute(addActionItem, ({ params, body }, parts, caller) =>
    desk.addActionItem(parts, params.incidentId, actorOf(caller, body.by), body),
  ),
  defineRoute(changeActionItem, ({ params, body }, parts, caller) =>
    desk.changeActionItem(parts, params.itemId, actorOf(caller, body.by), body),
  ),
  defineRoute(listActionItems, async ({ query }, parts) => {
    const now = parts.clock.now()
    const { state, limit, owner } = query
    const found = await store.listActionItems(parts.store, { state, now, limit })
    return { now, data: found.filter((item) => owner === undefined || item.owner === owner) }
  }),
  defineRoute(getIncidentTimes, ({ query }, parts) => loadTimes(parts, query)),
]

/** The review as a document. What stands in it is text of people and targets: a browser runs none of it. */
export function registerPostmortemExport(server: FastifyInstance, parts: CoordinatorParts): void {
  const { params, query: querystring } = exportPostmortem
  server.withTypeProvider<ZodTypeProvider>().get(
    exportPostmortem.path,
    {
      config: { access: exportPostmortem.access },
      schema: { summary: exportPostmortem.summary, params, querystring },
    },
    async (request, reply) => {
      const { incidentId } = request.params
      const { format } = request.query
      const postmortem = await desk.loadPostmortem(parts.store, parts, incidentId)
      const markdown = renderPostmortem(postmortem)
      reply
        .header('content-disposition', `attachment; filename="${incidentId}-postmortem.${format}"`)
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .header('cache-control', 'no-store')
      if (format === 'md') return reply.type('text/markdown; charset=utf-8').send(markdown)
      const title = `Postmortem of ${incidentId}`
      return reply.type('application/pdf').send(await markdownToPdf(markdown, title))
    },
  )
}
