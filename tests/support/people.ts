import { createHash, randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { Role } from '../../src/protocol/access.ts'
import {
  acceptInvitation,
  addAccount,
  addToken,
  enrolRegion,
  getMe,
  listTokens,
  type NewToken,
  signIn,
} from '../../src/protocol/people-api.ts'
import { PROBE_API_PREFIX } from '../../src/protocol/probe-api.ts'
import { type RouteContract, urlFor } from '../../src/protocol/public-api.ts'
import { REQUEST_HEADER } from '../../src/protocol/public-paths.ts'

/** Nobody's, and long enough. */
export const PASSWORD = 'lamps by the window'

export type Answered<C extends RouteContract = RouteContract> = {
  status: number
  headers: Headers
  body: z.output<C['response']> & { code?: string; detail?: string }
}

/** Somebody in front of a browser, or a program with a token, as far as HTTP goes. */
export type Visitor = {
  /** Asks as this coordinator's own page does. */
  ask<C extends RouteContract>(
    contract: C,
    input?: {
      params?: Record<string, string>
      query?: Record<string, string>
      body?: unknown
      headers?: Record<string, string | undefined>
    },
  ): Promise<Answered<C>>
  /** The cookie as it is kept, `name=value`; undefined without one. */
  cookie(): string | undefined
}

export function visitor(
  address: string,
  { token, cookie: given }: { token?: string; cookie?: string } = {},
): Visitor {
  let cookie = given
  return {
    cookie: () => cookie,
    async ask(contract, { params, query, body, headers = {} } = {}) {
      const all: Record<string, string | undefined> = {
        ...(contract.method !== 'GET' && { origin: address, [REQUEST_HEADER]: '1' }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(cookie !== undefined && { cookie }),
        ...headers,
      }
      const response = await fetch(address + urlFor(contract, params, query), {
        method: contract.method,
        headers: Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
        ),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      for (const set of response.headers.getSetCookie()) {
        const [pair = ''] = set.split(';')
        cookie = pair.endsWith('=') ? undefined : pair
      }
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? {} : JSON.parse(text)) as never,
      }
    },
  }
}

/** The first admin of a coordinator, by its one-time link. */
export async function firstAdmin(coordinator: {
  address: string
  invitation: string | undefined
}): Promise<Visitor> {
  const admin = visitor(coordinator.address)
  const token = coordinator.invitation?.split('#')[1]
  const { status, body } = await admin.ask(acceptInvitation, {
    body: { token, login: 'first-admin', password: PASSWORD },
  })
  if (status !== 200) throw new Error(`the first link: ${status} ${JSON.stringify(body)}`)
  return admin
}

/** Somebody with an account, signed in. */
export async function member(address: string, admin: Visitor, login: string, role: Role) {
  const { body } = await admin.ask(addAccount, { body: { login, name: login, role } })
  const person = visitor(address)
  const token = body.invitation.link.split('#')[1]
  await person.ask(acceptInvitation, { body: { token, password: PASSWORD } })
  return person
}

export async function tokenOf(
  admin: Visitor,
  wanted: { name: string; role: Role; login?: string; forMs?: number },
): Promise<z.infer<typeof NewToken>> {
  const { status, body } = await admin.ask(addToken, { body: { forMs: 3_600_000, ...wanted } })
  if (status !== 200) throw new Error(`a token: ${status} ${JSON.stringify(body)}`)
  return body
}

export const signInAs = (somebody: Visitor, login: string, password = PASSWORD) =>
  somebody.ask(signIn, { body: { login, password } })

export const whoIs = async (somebody: Visitor) => (await somebody.ask(getMe)).body.caller

/** A probe with a credential of its own, as one gets it at its first start. */
export async function enrolledProbe(
  address: string,
  admin: Visitor,
  { regionId, probeId }: { regionId: string; probeId: string },
): Promise<{ secret: string; id: string }> {
  const made = await admin.ask(enrolRegion, { body: { regionId, forMs: 3_600_000 } })
  const secret = `fwp_${randomBytes(32).toString('base64url')}`
  const secretHash = createHash('sha256').update(secret).digest('hex')
  const response = await fetch(`${address}${PROBE_API_PREFIX}/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: made.body.secret, probeId, secretHash }),
  })
  if (!response.ok) throw new Error(`enrolment: ${response.status} ${await response.text()}`)
  const { data } = (await admin.ask(listTokens, { query: { kind: 'probe' } })).body
  const id = data.find((token) => token.probeId === probeId)?.id ?? ''
  return { secret, id }
}
