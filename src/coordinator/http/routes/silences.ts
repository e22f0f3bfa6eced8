import { addSilence, endSilence, listSilences } from '../../../protocol/public-api.ts'
import { actorOf } from '../../access/caller.ts'
import * as desk from '../../silence-desk.ts'
import * as silences from '../../store/silences.ts'
import { defineRoute } from '../define-route.ts'
import { fromCursor, toPage } from '../page-cursor.ts'

export const listSilencesRoute = defineRoute(listSilences, async ({ query }, { store, clock }) => {
  const { cursor, limit, state } = query
  if (state === 'active')
    return { data: await silences.silencesAt(store, clock.now()), nextCursor: null }
  const [createdAt, id] = cursor === undefined ? [] : fromCursor(cursor)
  const before =
    createdAt === undefined ? undefined : { createdAt: Number(createdAt), id: String(id) }
  const found = await silences.listSilences(store, { before, limit: limit + 1 })
  return toPage(found, limit, (silence) => [silence.createdAt, silence.id])
})

export const addSilenceRoute = defineRoute(addSilence, ({ body }, parts, caller) =>
  desk.addSilence(parts, { ...body, author: actorOf(caller, body.author, 'author') }),
)

export const endSilenceRoute = defineRoute(endSilence, ({ params, body }, parts, caller) =>
  desk.endSilence(parts, params.silenceId, actorOf(caller, body.author, 'author')),
)
