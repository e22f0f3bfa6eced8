import { type Access, isAtLeast, type Role } from '../../protocol/access.ts'

/** Who a request is from, as far as access goes. `unknown` showed nothing, or nothing that counts. */
export type CallerClass =
  | { kind: 'unknown' }
  | { kind: 'member'; role: Role }
  | { kind: 'probe' }
  | { kind: 'scraper' }

export type AccessDecision =
  | { kind: 'allowed' }
  /** `unknown`: signing in may help. `forbidden`: it is known who it is, and that one may not. */
  | { kind: 'refused'; because: 'unknown' | 'forbidden'; reason: string }

const ALLOWED: AccessDecision = { kind: 'allowed' }

/** Decides whether a caller may call a route that says `access`. What is not allowed here is refused. */
export function decideAccess(access: Access, caller: CallerClass): AccessDecision {
  if (access === 'public' || access === 'signed') return ALLOWED
  if (access === 'probe') {
    if (caller.kind === 'probe') return ALLOWED
    return refused(caller, 'this is for probes, with the credential of one')
  }
  if (access === 'metrics') {
    if (caller.kind === 'scraper' || caller.kind === 'member') return ALLOWED
    return refused(caller, 'metrics want their token, or that of somebody who may read')
  }
  if (caller.kind !== 'member')
    return refused(caller, 'sign in, or send the token of somebody who may')
  if (isAtLeast(caller.role, access)) return ALLOWED
  return refused(caller, `this wants the role ${access}; the caller has ${caller.role}`)
}

const refused = ({ kind }: CallerClass, reason: string): AccessDecision => ({
  kind: 'refused',
  because: kind === 'unknown' ? 'unknown' : 'forbidden',
  reason,
})
