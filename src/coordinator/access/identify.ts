import type { FastifyRequest } from 'fastify'
import type { Access } from '../../protocol/access.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { isSameSecret } from '../same-secret.ts'
import type { AccessSettings } from './access-settings.ts'
import { bearerToken } from './bearer-token.ts'
import type { Caller } from './caller.ts'

/** Says who a request is from, by what it carries. */
export function createIdentify(
  _parts: CoordinatorParts,
  settings: AccessSettings,
): (request: FastifyRequest, access: Access) => Promise<Caller> {
  return async ({ headers }, access) => {
    const token = bearerToken(headers.authorization)
    if (access === 'probe' && isSecret(token, settings.probeToken))
      return { kind: 'probe', scope: undefined }
    if (access === 'metrics' && isSecret(token, settings.metricsToken)) return { kind: 'scraper' }
    // Who is anybody is no probe: what probes tell is believed.
    return settings.signIn === 'off' && access !== 'probe'
      ? { kind: 'anybody' }
      : { kind: 'unknown' }
  }
}

const isSecret = (given: string | undefined, expected: string | undefined): boolean =>
  given !== undefined && expected !== undefined && isSameSecret(given, expected)
