/** How people, programs and probes are let in; from the environment of the coordinator. */
export type AccessSettings = {
  /**
   * `off`: whoever reaches the coordinator may do everything. Only while it listens on the loopback
   * interface, for one person on one machine.
   */
  signIn: 'required' | 'off'
  /** One token for all probes, where they have no credentials of their own. */
  probeToken: string | undefined
  /** What collectors show at /metrics. */
  metricsToken: string | undefined
}
