import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessSettings } from './access-settings.ts'

/**
 * The session of a browser, as a cookie that no script can read and no other site can send with what
 * changes something. Under TLS its name makes browsers refuse one that another host set.
 */
export type SessionCookie = {
  read(request: FastifyRequest): string | undefined
  set(reply: FastifyReply, secret: string, expiresAt: number): void
  clear(reply: FastifyReply): void
}

export function sessionCookie(settings: AccessSettings): SessionCookie {
  const name = cookieName(settings, 'session')
  const options = cookieOptions(settings)
  return {
    read: (request) => request.cookies[name],
    set: (reply, secret, expiresAt) =>
      void reply.setCookie(name, secret, { ...options, expires: new Date(expiresAt) }),
    clear: (reply) => void reply.clearCookie(name, options),
  }
}

/** Cookies are shared by all ports of a host, and the demo is at one of many. */
export const cookieName = ({ publicUrl }: AccessSettings, what: string): string =>
  isSecure(publicUrl) ? `__Host-firewatch-${what}` : `firewatch-${what}`

export const cookieOptions = ({ publicUrl }: AccessSettings) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(publicUrl) }) as const

const isSecure = (publicUrl: string | undefined) => publicUrl?.startsWith('https://') ?? false
