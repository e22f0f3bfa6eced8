import type { CheckDefinition } from '../../protocol/check.ts'
import type { Addresses } from '../../protocol/check-base.ts'
import type { Endpoint } from '../connect-to.ts'

/** Where a check connects to first, which may be a proxy; undefined for one that says so only while it runs. */
export function endpointOf(check: CheckDefinition): Endpoint | undefined {
  switch (check.kind) {
    case 'http':
      return endpointOfUrl(new URL(check.proxy?.url ?? check.url))
    case 'websocket':
      return endpointOfUrl(new URL(check.url))
    case 'api': {
      const [first] = check.requests
      return first && endpointOfUrl(new URL(check.proxy?.url ?? first.url))
    }
    case 'tls':
    case 'tcp':
    case 'grpc':
    case 'smtp':
    case 'postgres':
      return { host: check.host, port: check.port }
    case 'icmp':
      return { host: check.host, port: 0 }
    case 'journey':
      return check.url === undefined ? undefined : endpointOfUrl(new URL(check.url))
    case 'dns':
    case 'heartbeat':
      return undefined
  }
}

const USUAL_PORTS: Record<string, number> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 }

export function endpointOfUrl(url: URL): Endpoint {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (USUAL_PORTS[url.protocol] ?? 0)),
  }
}

/** Which of the host's addresses the check looks at. */
export const addressesOf = (check: CheckDefinition): Addresses =>
  ('addresses' in check ? check.addresses : undefined) ?? 'any'

/** Whether the run has a part for each address. */
export const hasAddressParts = (check: CheckDefinition): boolean =>
  ['both', 'every'].includes(addressesOf(check))
