/**
 * Who may call a route. Every route says it where it is defined, in one of these words; a route that
 * does not, does not compile or keeps the coordinator from starting.
 */

/** What a person or a token may do, each including what is before it. */
export const ROLES = ['viewer', 'responder', 'admin'] as const
/** `viewer` reads, `responder` leads incidents, `admin` says who else may. */
export type Role = (typeof ROLES)[number]

/**
 * - `public`: anybody, unknown.
 * - `signed`: who proves each request by a secret or a signature that only this route knows, as sources
 *   of signals and signed links do; the route itself looks, and the session of a browser proves nothing.
 * - `probe`: who has the credential of a probe; the route looks whether it is within its scope.
 * - `metrics`: who has the token of metrics, or may read anyway.
 * - a role: who is signed in, or shows a token, with at least this role.
 */
export type Access = 'public' | 'signed' | 'probe' | 'metrics' | Role

/** Whether a role includes another. */
export const isAtLeast = (role: Role, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed)
