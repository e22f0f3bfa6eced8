import { AppError } from '../../base/app-error.ts'
import { isSameSecret } from '../same-secret.ts'

/** The token of an authorization header, if it has one. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]

/** Lets probes in: `authorization: Bearer <token>`. */
export type ProbeToken = {
  /** @throws {AppError} `request.unauthorized` when the header does not carry the token. */
  require(authorization: string | undefined): void
}

export function createProbeToken(token: string): ProbeToken {
  return {
    require(authorization) {
      const given = bearerToken(authorization) ?? ''
      if (!isSameSecret(given, token))
        throw new AppError('request.unauthorized', 'the probe token is missing or wrong')
    },
  }
}
