import type { FastifyRequest } from 'fastify'
import { AppError } from '../../base/app-error.ts'
import { isLoopbackHost } from '../../domain/access/judge-origin.ts'
import type { AccessSettings } from './access-settings.ts'

/**
 * Where people find this coordinator, for links that they are given. What a request calls it counts only
 * on this machine: elsewhere anybody could make links lead to themselves.
 *
 * @throws {AppError} `request.invalid`
 */
export function ownUrl(
  { publicUrl }: AccessSettings,
  { headers: { host } }: Pick<FastifyRequest, 'headers'>,
): string {
  if (publicUrl !== undefined) return publicUrl
  if (host !== undefined && isLoopbackHost(host)) return `http://${host}`
  throw new AppError(
    'request.invalid',
    'FIREWATCH_PUBLIC_URL is not set, so nobody knows which address a link should have',
  )
}
