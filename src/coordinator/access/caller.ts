import { AppError } from '../../base/app-error.ts'
import type { CallerClass } from '../../domain/access/decide-access.ts'
import type { Role } from '../../protocol/access.ts'

/** Who a request is from, proven by what it carries. */
export type Caller =
  /** It showed nothing. */
  | { kind: 'unknown' }
  /** Sign-in is off: whoever reaches the coordinator, which listens on this machine alone. */
  | { kind: 'anybody' }
  | Person
  /** A token of nobody's, such as that of a pipeline. */
  | { kind: 'program'; name: string; role: Role; credentialId: string }
  /** A probe; with the shared token it may be of any region. */
  | { kind: 'probe'; scope: ProbeScope | undefined }
  /** What collects metrics. */
  | { kind: 'scraper' }

/** A person, by a session or by a token that acts for them. */
export type Person = {
  kind: 'person'
  by: 'session' | 'token'
  login: string
  name: string
  role: Role
  credentialId: string
  /** When the session or token ends. */
  until: number | undefined
  hasPassword: boolean
}

/** What a probe with a credential of its own may speak for. */
export type ProbeScope = { probeId: string; regionId: string }

/** What access is decided by. */
export function classOf(caller: Caller): CallerClass {
  switch (caller.kind) {
    case 'anybody':
      return { kind: 'member', role: 'admin' }
    case 'person':
    case 'program':
      return { kind: 'member', role: caller.role }
    case 'unknown':
    case 'probe':
    case 'scraper':
      return { kind: caller.kind }
  }
}

/**
 * Whose deed a command is. Where people sign in it is they, whatever the body says; where they do not,
 * the name that is written is all there is.
 *
 * @throws {AppError} `request.invalid` when sign-in is off and no name is written.
 */
export function actorOf(caller: Caller, written: string | undefined, field = 'by'): string {
  if (caller.kind === 'person') return caller.login
  if (caller.kind === 'program') return caller.name
  if (written !== undefined) return written
  throw new AppError('request.invalid', `body.${field}: who does it; nobody signs in here`)
}

/** @throws {AppError} `request.forbidden` for whoever has no account, as programs do. */
export function requirePerson(caller: Caller): Person {
  if (caller.kind === 'person') return caller
  throw new AppError('request.forbidden', 'this is for somebody who is signed in with an account')
}

/**
 * What a probe with a credential of its own speaks for; undefined with the shared token, which is good
 * for all regions.
 *
 * @throws {AppError} `probe.out_of_scope` when it speaks for another region, or as another probe.
 */
export function requireScope(
  caller: Caller,
  { regionId, probeId }: { regionId: string; probeId?: string },
): ProbeScope | undefined {
  if (caller.kind !== 'probe' || !caller.scope) return undefined
  const { scope } = caller
  if (scope.regionId !== regionId || (probeId !== undefined && scope.probeId !== probeId))
    throw new AppError(
      'probe.out_of_scope',
      `this credential is of ${scope.probeId} in ${scope.regionId}`,
    )
  return scope
}
