import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { codeOf } from '../../../base/app-error.ts'
import { safeReturn } from '../../../domain/access/map-member.ts'
import { PATHS } from '../../../protocol/public-paths.ts'
import { createOrganisation } from '../../access/organisation.ts'
import { ownUrl } from '../../access/own-url.ts'
import { cookieName, cookieOptions } from '../../access/session-cookie.ts'
import { provenanceOf } from '../../access/sessions.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { beginSession } from './people.ts'

const RETURN_LENGTH_MAX = 500

/** The way to the organisation's sign-in and back, where there is one. Browsers follow it. */
export function registerOrganisation(server: FastifyInstance, parts: CoordinatorParts): void {
  const { access: settings } = parts
  if (!settings.organisation) return
  const organisation = createOrganisation(parts, settings.organisation)
  const cookie = cookieName(settings, 'organisation')
  const anybody = { config: { access: 'public' } } as const
  const routes = server.withTypeProvider<ZodTypeProvider>()

  const there = {
    hide: true,
    querystring: z.object({ return: z.string().max(RETURN_LENGTH_MAX).optional() }),
  }
  routes.get(PATHS.organisation, { ...anybody, schema: there }, async (request, reply) => {
    const { url, browser } = await organisation.begin({
      backUrl: ownUrl(settings, request) + PATHS.organisationBack,
      returnTo: safeReturn(request.query.return),
    })
    reply.setCookie(cookie, browser, cookieOptions(settings))
    return reply.header('cache-control', 'no-store').redirect(url)
  })

  const back = { ...anybody, schema: { hide: true } }
  routes.get(PATHS.organisationBack, back, async (request, reply) => {
    request.deed = { actor: 'unknown' }
    reply.header('cache-control', 'no-store').clearCookie(cookie, cookieOptions(settings))
    try {
      const { returnTo, ...opened } = await organisation.end({
        url: new URL(request.url, ownUrl(settings, request)),
        browser: request.cookies[cookie],
        provenance: provenanceOf(request),
      })
      beginSession(parts, opened, { request, reply })
      return reply.redirect(returnTo)
    } catch (error) {
      const code = codeOf(error)
      if (code !== 'sign_in.organisation' && code !== 'account.exists') throw error
      // A person looks at this; the sign-in page has words for it.
      request.problemCode = code
      return reply.redirect(`/?problem=${code}`)
    }
  })
}
