import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** As long as a night: whoever wakes up later opens the incident itself. */
const VALID_MS = 24 * 3_600_000

/** Where the page is on which a person acknowledges without signing in. */
export const ACKNOWLEDGE_PATH = '/acknowledge'

/** What a signed link stands for. */
export type AcknowledgeGrant = {
  incidentId: string
  /** As it was when the person was paged. */
  generation: number
  personId: string
  /** Epoch milliseconds. */
  expiresAt: number
}

export type Links = {
  /** A path of ours, which begins with a slash. */
  to(path: string): string
  incident(incidentId: string): string
  /** A link that acknowledges in the name of its person; the same for the same page. */
  acknowledge(grant: Omit<AcknowledgeGrant, 'expiresAt'>, now: number): string
  /** What a token stands for; undefined where it is none of ours, or too old. */
  read(token: string, now: number): AcknowledgeGrant | undefined
}

const Claims = z.tuple([z.string(), z.number().int(), z.string(), z.number().int()])

/**
 * Addresses of ours that are sent to people.
 *
 * @param key what tokens are signed with; whoever has it can acknowledge as anybody.
 * @param base where people reach the coordinator, without a slash at its end.
 */
export function createLinks({ key, base }: { key: Buffer; base: () => string }): Links {
  const sign = (claims: string) => createHmac('sha256', key).update(claims).digest()
  return {
    to: (path) => `${base()}${path}`,
    incident: (incidentId) => `${base()}/incidents/${incidentId}`,
    acknowledge({ incidentId, generation, personId }, now) {
      const claims = JSON.stringify([incidentId, generation, personId, now + VALID_MS])
      const token = `${Buffer.from(claims).toString('base64url')}.${sign(claims).toString('base64url')}`
      return `${base()}${ACKNOWLEDGE_PATH}/${token}`
    },
    read(token, now) {
      const [body = '', signature = ''] = token.split('.')
      const claims = Buffer.from(body, 'base64url').toString('utf8')
      const given = Buffer.from(signature, 'base64url')
      const expected = sign(claims)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      const parsed = Claims.safeParse(JSON.parse(claims))
      if (!parsed.success) return undefined
      const [incidentId, generation, personId, expiresAt] = parsed.data
      return now < expiresAt ? { incidentId, generation, personId, expiresAt } : undefined
    },
  }
}
