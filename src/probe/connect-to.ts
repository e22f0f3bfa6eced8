import { z } from 'zod'

export type Endpoint = { host: string; port: number }

/**
 * Where connections really go: `FIREWATCH_CONNECT_TO=shop.test:443=127.0.0.1:9443,…`, as curl's
 * `--connect-to`. Host names, SNI and headers stay those of the check; only the address changes. For
 * targets that a region reaches through a gateway of its own, or that are in no public DNS.
 */
export type ConnectTo = {
  /**
   * The endpoint to connect to, or undefined when there is no rule: then resolve as usual. Of what has
   * no ports (port 0, an echo request) only the host counts: its first rule holds.
   */
  find(host: string, port: number): Endpoint | undefined
  readonly rules: readonly { from: Endpoint; to: Endpoint }[]
}

const RULE = /^(\[[^\]]+\]|[^:=]+):(\d{1,5})=(\[[^\]]+\]|[^:=]+):(\d{1,5})$/

/** Reads the variable's text. The error names the rule that is wrong. */
export const ConnectToVariable = z
  .string()
  .default('')
  .transform((text, context): ConnectTo => {
    const rules = []
    for (const rule of text.split(',').filter((part) => part.trim() !== '')) {
      const match = RULE.exec(rule.trim())
      if (!match) {
        context.addIssue(`"${rule}": expected host:port=host:port`)
        continue
      }
      const [, fromHost = '', fromPort, toHost = '', toPort] = match
      rules.push({
        from: { host: bare(fromHost), port: Number(fromPort) },
        to: { host: bare(toHost), port: Number(toPort) },
      })
    }
    return connectTo(rules)
  })

export function connectTo(rules: readonly { from: Endpoint; to: Endpoint }[]): ConnectTo {
  const byEndpoint = new Map(rules.map((rule) => [key(rule.from.host, rule.from.port), rule.to]))
  const ofHost = (host: string) => rules.find(({ from }) => bare(from.host) === bare(host))?.to
  return {
    find: (host, port) =>
      byEndpoint.get(key(host, port)) ?? (port === 0 ? ofHost(host) : undefined),
    rules,
  }
}

const bare = (host: string) => host.replace(/^\[|\]$/g, '').toLowerCase()
const key = (host: string, port: number) => `${bare(host)}:${port}`
