import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PageFaults } from '../faults.ts'
import type { Html } from './html.ts'
import { framePage } from './page-frame.ts'
import { newSessionId, type ShopDatabase } from './shop-database.ts'

/** What the shop's routes work with. */
export type ShopParts = { database: ShopDatabase; faults: Readonly<PageFaults> }

const SESSION_COOKIE = /(?:^|;\s*)session=([0-9a-f-]{36})(?:;|$)/

/** The visitor's session, when the browser has brought one back. */
export const sessionOf = (request: FastifyRequest): string | undefined =>
  SESSION_COOKIE.exec(request.headers.cookie ?? '')?.[1]

/** The visitor's session; a visitor without one gets one. */
export function ensureSession(request: FastifyRequest, reply: FastifyReply): string {
  const known = sessionOf(request)
  if (known !== undefined) return known
  const sessionId = newSessionId()
  reply.header('set-cookie', `session=${sessionId}; Path=/; HttpOnly; SameSite=Lax`)
  return sessionId
}

/** Answers with a page of the shop. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  { title, content, search = '' }: { title: string; content: Html; search?: string },
  { database }: Pick<ShopParts, 'database'>,
): FastifyReply {
  const cartCount = database
    .cartLines(sessionOf(request))
    .reduce((count, { quantity }) => count + quantity, 0)
  return sendMarkup(reply, framePage({ title, search, cartCount }, content))
}

export const sendMarkup = (reply: FastifyReply, markup: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(markup)
