import { isIP, type Socket } from 'node:net'
import { endpointOfUrl } from '../checks/check-endpoint.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import type { HopParts } from './http-hop.ts'
import type { HttpRequest } from './http-request.ts'
import { refuseLinkLocal } from './link-local.ts'
import { withoutSecrets } from './next-hop.ts'
import {
  connectToProxy,
  type HttpProxy,
  openProxyTunnel,
  proxyHeaders,
  requireTargetAllowed,
} from './open-proxy-tunnel.ts'
import { type PeerCertificate, requireValid } from './peer-certificate.ts'
import { describeEndpoint, locate, openConnection } from './timed-connect.ts'
import { handshake } from './tls-handshake.ts'

export type HttpConnection = {
  socket: Socket
  version: '1.1' | '2'
  certificate?: PeerCertificate
  /** The connection ends at a proxy, which wants these headers. */
  forProxy?: Readonly<Record<string, string>>
}

export type ConnectionParts = HopParts & {
  /** Told of each socket: whoever gets it destroys it when done, whatever happens in between. */
  opened: (socket: Socket) => void
  /** Told of the address, `192.0.2.1:443`. */
  connectedTo: (address: string) => void
}

/**
 * Opens what a request goes over: a connection to its host, or to the proxy and through it, with TLS
 * where the address says so.
 */
export async function openHttpConnection(
  request: HttpRequest,
  parts: ConnectionParts,
): Promise<HttpConnection> {
  const { url } = request
  const { proxy, httpVersion = 'auto' } = parts.options
  const isSecure = url.protocol === 'https:'
  const version = httpVersion === '2' ? '2' : '1.1'
  if (!proxy) {
    const tcp = await connectDirectly(request, parts)
    return isSecure ? secure(tcp, request, parts) : { socket: tcp, version }
  }
  const { socket, headers } = await reachProxy(proxy, request, parts)
  if (!isSecure && version === '1.1') return { socket, version, forProxy: headers }
  await openProxyTunnel(socket, url, { ...parts, headers })
  return isSecure ? secure(socket, request, parts) : { socket, version }
}

async function connectDirectly({ url }: HttpRequest, parts: ConnectionParts): Promise<Socket> {
  const { redirects, opened } = parts
  const endpoint = endpointOfUrl(url)
  const ownParts = { ...parts, context: forHostOf(url, parts) }
  const located = await locate(endpoint, ownParts)
  if (redirects > 0) refuseLinkLocal(url, located)
  const tcp = await openConnection(endpoint, located, ownParts)
  opened(tcp)
  recordAddress(tcp, url, parts)
  return tcp
}

/** The one address of a part is of the check's own host; another, which it redirects to, has its own. */
function forHostOf(url: URL, { context, first }: HopParts): CheckContext {
  const place = (of: URL) => {
    const endpoint = endpointOfUrl(of)
    return (context.connectTo.find(endpoint.host, endpoint.port) ?? endpoint).host
  }
  if (context.onlyAddress === undefined || place(url) === place(first.url)) return context
  const { onlyAddress: _, ...others } = context
  return others
}

async function reachProxy(proxy: HttpProxy, { url }: HttpRequest, parts: ConnectionParts) {
  const { context, redirects, opened } = parts
  const { host } = endpointOfUrl(url)
  requireTargetAllowed(url, context)
  if (redirects > 0 && isIP(host) !== 0)
    refuseLinkLocal(url, { addresses: [host], port: 0, isRedirected: false })
  const headers = proxyHeaders(proxy, context)
  const socket = await connectToProxy(proxy, parts, opened)
  context.findings.fact('proxy', describeEndpoint(endpointOfUrl(new URL(proxy.url))))
  recordAddress(socket, url, parts)
  return { socket, headers }
}

function recordAddress(
  { remoteAddress = '', remotePort = 0 }: Socket,
  url: URL,
  { context, connectedTo }: ConnectionParts,
): void {
  const { findings } = context
  const address = describeEndpoint({ host: remoteAddress, port: remotePort })
  connectedTo(address)
  findings.fact('address', address)
  findings.fact('finalUrl', withoutSecrets(url))
  findings.subject('finalUrl', withoutSecrets(url))
}

const OFFERED = { auto: ['h2', 'http/1.1'], '1.1': ['http/1.1'], '2': ['h2'] } as const

/** Nothing is sent to a server that cannot prove who it is. */
async function secure(
  tcp: Socket,
  { url }: HttpRequest,
  parts: ConnectionParts,
): Promise<HttpConnection> {
  const { context, meter, options, first, opened } = parts
  const { clock, findings, secret } = context
  const { httpVersion = 'auto', trustedRoots, serverName, clientCertificate } = options
  const endpoint = endpointOfUrl(url)
  const target = describeEndpoint(endpoint)
  // Who the check says it is, and whom it expects, is said about its own host and no other.
  const isOwn = url.hostname === first.url.hostname
  const shaking = handshake(tcp, {
    clock,
    meter,
    serverName: (isOwn ? serverName : undefined) ?? endpoint.host,
    target,
    trustedRoots,
    clientCertificate: isOwn ? clientCertificate : undefined,
    secret,
    protocols: OFFERED[httpVersion],
  })
  const { socket, certificate } = await explainNoProtocol(shaking, httpVersion, target)
  opened(socket)
  findings.fact('certificateDaysLeft', certificate.daysLeft)
  findings.subject('certificateDaysLeft', certificate.daysLeft)
  requireValid(certificate, target)
  const version = socket.alpnProtocol === 'h2' ? '2' : '1.1'
  if (httpVersion === '2' && version !== '2') throw noHttp2(target)
  return { socket, version, certificate }
}

async function explainNoProtocol<T>(shaking: Promise<T>, httpVersion: string, target: string) {
  try {
    return await shaking
  } catch (error) {
    const isNoProtocol =
      error instanceof CheckError && /no application protocol/.test(error.message)
    throw isNoProtocol && httpVersion === '2' ? noHttp2(target) : error
  }
}

const noHttp2 = (target: string) =>
  new CheckError(
    'http.version',
    `${target} does not speak HTTP/2: it was the only version offered (ALPN h2), and not chosen`,
  )
