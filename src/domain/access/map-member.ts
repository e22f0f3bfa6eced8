import { ROLES, type Role } from '../../protocol/access.ts'

/** What the organisation's sign-in says of somebody. */
export type Claims = Readonly<Record<string, unknown>>

export type MemberRules = {
  /** The claim that says who may do what: a text, or a list of them. */
  roleClaim: string
  /** Its values, by role. */
  roles: Readonly<Record<Role, readonly string[]>>
  /** For everybody whom the organisation knows, and no value says more. */
  roleForAll: Role | undefined
  /** People who are on call: their ids, by which pages and deeds know them. */
  people: readonly { id: string; email?: string | undefined }[]
}

export type Member = {
  login: string
  name: string
  /** Only one that the organisation has verified: others could be typed by anybody. */
  email: string | undefined
  role: Role
}

export type MemberDecision =
  | { kind: 'member'; member: Member }
  | { kind: 'refused'; reason: string }

/** Decides who somebody is here, and what they may do, from what the organisation says of them. */
export function mapMember(claims: Claims, rules: MemberRules): MemberDecision {
  const role = roleOf(claims[rules.roleClaim], rules)
  if (!role)
    return { kind: 'refused', reason: `nothing in ${rules.roleClaim} says that they may come in` }
  const email = claims.email_verified === true ? text(claims.email)?.toLowerCase() : undefined
  const onCall = rules.people.find(
    (person) => email !== undefined && person.email?.toLowerCase() === email,
  )
  const login =
    onCall?.id ?? asLogin(text(claims.preferred_username) ?? email ?? text(claims.sub) ?? '')
  if (login === undefined)
    return { kind: 'refused', reason: 'it gives no name that could be a login' }
  return { kind: 'member', member: { login, name: nameOf(claims, login), email, role } }
}

/** The highest role that one of the values gives. */
function roleOf(claim: unknown, { roles, roleForAll }: MemberRules): Role | undefined {
  const values = [claim].flat().map(String)
  const given = ROLES.toReversed().find((role) =>
    roles[role].some((value) => values.includes(value)),
  )
  return given ?? roleForAll
}

const NAME_LENGTH_MAX = 100
const LOGIN_LENGTH_MAX = 80

const nameOf = (claims: Claims, login: string) =>
  (text(claims.name) ?? login).replaceAll(/\p{Cc}/gu, ' ').slice(0, NAME_LENGTH_MAX)

const text = (claim: unknown): string | undefined =>
  typeof claim === 'string' && claim.trim() !== '' ? claim.trim() : undefined

/** `First.Responder@example.com` is `first.responder`. */
function asLogin(given: string): string | undefined {
  const login = (given.split('@')[0] ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]*([._-])[^a-z0-9]*/g, '$1')
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, LOGIN_LENGTH_MAX)
  return login === '' ? undefined : login
}

/** A page of the dashboard to go back to; anything that could lead elsewhere is the first page. */
export const safeReturn = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(path) && !path.startsWith('/api/') ? path : '/'
