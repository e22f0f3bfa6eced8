import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../base/app-error.ts'

/** Lets probes in: `authorization: Bearer <token>`. */
export type ProbeToken = {
  /** @throws {AppError} `request.unauthorized` when the header does not carry the token. */
  require(authorization: string | undefined): void
}

export function createProbeToken(token: string): ProbeToken {
  // Hashes have one length, and comparing them takes the same time wherever the first difference is.
  const expected = sha256(token)
  return {
    require(authorization) {
      const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? ''
      if (!timingSafeEqual(sha256(given), expected))
        throw new AppError('request.unauthorized', 'the probe token is missing or wrong')
    },
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
