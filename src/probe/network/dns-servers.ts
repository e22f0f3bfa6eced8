import { Resolver } from 'node:dns'
import { isIP, isIPv6 } from 'node:net'
import type { DnsCheck, DnsTransport } from '../../protocol/kinds/dns.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import type { Endpoint } from '../connect-to.ts'
import { anyAddress } from './address-policy.ts'
import type { NameServer } from './dns-ask.ts'
import { type ConnectParts, locate } from './timed-connect.ts'

/** RFC 1035, RFC 7858, RFC 8484. */
const PORTS: Record<DnsTransport, number> = { auto: 53, udp: 53, tcp: 53, tls: 853, https: 443 }
/** What most servers of DNS over HTTPS answer at (RFC 8484 §4.1.1 has it in its examples). */
const USUAL_PATH = '/dns-query'
/** More than this no resolver asks either. */
const SYSTEM_SERVERS_MAX = 3

/** An address for DNS over HTTPS says how it wants to be asked. */
export const transportOf = ({ transport, server }: DnsCheck): DnsTransport =>
  transport ?? (server?.startsWith('https://') ? 'https' : 'auto')

type ServersParts = Omit<ConnectParts, 'context'> & {
  context: ConnectParts['context'] & Pick<CheckContext, 'nameServers'>
}

/**
 * The name servers that a check asks, in this order: every address of the one it names, or the
 * system's. The system's are the probe's own, so that the region's policy is not about them.
 */
export async function findNameServers(check: DnsCheck, parts: ServersParts): Promise<NameServer[]> {
  const transport = transportOf(check)
  if (check.server !== undefined) {
    const server = parseServer(check.server, transport)
    const located = await locate(server.endpoint, parts)
    if (transport !== 'auto' && transport !== 'udp') return [{ ...server, located }]
    // A connection finds the address that answers by itself; datagrams do not.
    return located.addresses.map((address) => ({
      ...server,
      located: { ...located, addresses: [address] },
    }))
  }
  const trusted = { ...parts, context: { ...parts.context, policy: anyAddress } }
  return Promise.all(
    systemServers(parts.context).map(async (text) => {
      const server = parseServer(text, transport)
      return { ...server, located: await locate(server.endpoint, trusted) }
    }),
  )
}

function systemServers({ nameServers }: Pick<CheckContext, 'nameServers'>): string[] {
  // A fresh one reads the system's settings as they are by now.
  const known = nameServers ?? new Resolver().getServers()
  const servers = known.slice(0, SYSTEM_SERVERS_MAX)
  if (servers.length > 0) return servers
  throw new CheckError('probe.network', 'this probe has no resolver to ask')
}

/** `host`, `host:port`, `[v6]:port`, a bare IPv6 address, or an address for DNS over HTTPS. */
export function parseServer(
  text: string,
  transport: DnsTransport = 'auto',
): { endpoint: Endpoint; url?: URL } {
  const endpoint = parseEndpoint(text, PORTS[transport])
  if (transport !== 'https') return { endpoint }
  const url = text.startsWith('https://') ? new URL(text) : urlOf(endpoint)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { endpoint: { host, port: Number(url.port || PORTS.https) }, url }
}

const urlOf = ({ host, port }: Endpoint): URL =>
  new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}${USUAL_PATH}`)

function parseEndpoint(text: string, usualPort: number): Endpoint {
  if (isIP(text) === 6) return { host: text, port: usualPort }
  const match = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(text)
  return { host: match?.[1] ?? text, port: Number(match?.[2] ?? usualPort) }
}
