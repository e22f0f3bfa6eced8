import type { Role } from '../../protocol/access.ts'

/** How people, programs and probes are let in; from the environment of the coordinator. */
export type AccessSettings = {
  /**
   * `off`: whoever reaches the coordinator may do everything. Only while it listens on the loopback
   * interface, for one person on one machine.
   */
  signIn: 'required' | 'off'
  /** Where people find the coordinator, `https://firewatch.example.com`; as they came when absent. */
  publicUrl: string | undefined
  /** One token for all probes, where they have no credentials of their own. */
  probeToken: string | undefined
  /** What collectors show at /metrics. */
  metricsToken: string | undefined
  /** A session ends when it was not used for so long, and in any case after `sessionMs`. */
  sessionIdleMs: number
  sessionMs: number
  /** Addresses of proxies, or ranges of them, that say truly who called them. */
  trustedProxies: readonly string[]
  /** An account that is made at the start where there is none of its login. */
  firstAdmin: { login: string; password: string } | undefined
  organisation: OrganisationSettings | undefined
}

/** OpenID Connect. */
export type OrganisationSettings = {
  issuer: string
  clientId: string
  clientSecret: string
  /** What people call it, on the button. */
  name: string
  scopes: string
  /** The claim that says who may do what: a text, or a list of them. */
  roleClaim: string
  /** Its values, by role. */
  roles: Record<Role, readonly string[]>
  /** For everybody whom the organisation knows, and no value says more. */
  roleForAll: Role | undefined
}
