import { type IncomingMessage, request as startRequest } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { endpointOfUrl } from '../checks/check-endpoint.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import { requireAllowed } from './address-policy.ts'
import { HEADER_BYTES_MAX, toExchangeError } from './http-answer.ts'
import type { HttpRequestOptions } from './http-request.ts'
import { requireValid } from './peer-certificate.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { type ConnectParts, describeEndpoint, locate, openConnection } from './timed-connect.ts'
import { handshake } from './tls-handshake.ts'
import { userAgent } from './user-agent.ts'

export type HttpProxy = NonNullable<HttpRequestOptions['proxy']>

export type ProxyParts = ConnectParts & { context: CheckContext; options: HttpRequestOptions }

/**
 * Opens a connection to a proxy. The TLS that it may want counts as phase `proxy`, since it is no
 * time of the target.
 */
export async function connectToProxy(
  { url }: HttpProxy,
  parts: ProxyParts,
  opened: (socket: Socket) => void,
): Promise<Socket> {
  const { context, meter, options } = parts
  const proxy = new URL(url)
  const endpoint = endpointOfUrl(proxy)
  try {
    const tcp = await openConnection(endpoint, await locate(endpoint, parts), parts)
    opened(tcp)
    if (proxy.protocol === 'http:') return tcp
    const { socket, certificate } = await handshake(tcp, {
      clock: context.clock,
      meter: asProxyTime(meter),
      serverName: endpoint.host,
      target: describeEndpoint(endpoint),
      trustedRoots: options.trustedRoots,
    })
    opened(socket)
    requireValid(certificate, describeEndpoint(endpoint))
    return socket
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    throw new CheckError(error.type, `the proxy: ${error.message}`, { cause: error })
  }
}

const asProxyTime = (meter: PhaseMeter): PhaseMeter => ({
  ...meter,
  measure: (_phase, overdue, work) => meter.measure('proxy', overdue, work),
})

/**
 * Asks the proxy for a connection to a target, as phase `proxy`. What comes over the socket then is
 * the target's.
 *
 * @throws {CheckError} `proxy.refused`, with the status that the proxy gave.
 */
export async function openProxyTunnel(
  socket: Socket,
  url: URL,
  { meter, options, headers }: ProxyParts & { headers: Readonly<Record<string, string>> },
): Promise<void> {
  const target = describeEndpoint(endpointOfUrl(url))
  const proxy = describeProxy(options)
  const asking = startRequest({
    createConnection: () => socket,
    method: 'CONNECT',
    path: target,
    setHost: false,
    headers: { host: target, 'user-agent': userAgent(), ...headers },
    maxHeaderSize: HEADER_BYTES_MAX,
  })
  const { promise, resolve, reject } = Promise.withResolvers<Connected>()
  promise.catch(() => undefined)
  asking.on('error', (error) => reject(toExchangeError(error, proxy)))
  // Node gives every answer to CONNECT this way, whatever its status.
  asking.once('connect', (answer, _socket, rest) => resolve({ answer, rest }))
  const overdue = { type: 'timeout', what: `no answer from the proxy ${proxy} to CONNECT` } as const
  const { answer, rest } = await meter.measure('proxy', overdue, () => {
    asking.end()
    return promise
  })
  requireConnected(answer, { proxy, target })
  if (rest.length > 0) socket.unshift(rest)
}

export const describeProxy = ({ proxy }: HttpRequestOptions): string =>
  proxy ? describeEndpoint(endpointOfUrl(new URL(proxy.url))) : ''

type Connected = { answer: IncomingMessage; rest: Buffer }

function requireConnected(
  { statusCode = 0, statusMessage = '' }: Pick<IncomingMessage, 'statusCode' | 'statusMessage'>,
  { proxy, target }: { proxy: string; target: string },
): void {
  if (statusCode >= 200 && statusCode < 300) return
  const words = statusMessage === '' ? statusCode : `${statusCode} ${statusMessage}`
  throw new CheckError(
    'proxy.refused',
    `the proxy ${proxy} does not connect to ${target}: it answered ${words}`,
  )
}

/** A proxy that answers for its targets says by one status that it is the one who refuses. */
export function requireLogin({ status }: { status: number }, target: string, proxy: string): void {
  if (status !== PROXY_LOGIN_REQUIRED) return
  throw new CheckError(
    'proxy.refused',
    `the proxy ${proxy} does not ask ${target}: it answered ${status} Proxy Authentication Required`,
  )
}

const PROXY_LOGIN_REQUIRED = 407

/** What a proxy is told about who asks; nothing when it wants nothing. */
export function proxyHeaders(
  proxy: HttpProxy,
  { secret, findings }: CheckContext,
): Record<string, string> {
  const url = new URL(proxy.url)
  const username = proxy.username ?? decodeURIComponent(url.username)
  if (username === '') return {}
  const password =
    proxy.password === undefined ? decodeURIComponent(url.password) : secret(proxy.password)
  if (password === undefined)
    throw new CheckError(
      'probe.secret_missing',
      `this probe does not have ${proxy.password}, the password for the proxy ${url.host}`,
    )
  const login = Buffer.from(`${username}:${password}`).toString('base64')
  findings.secret('the login of the proxy', login)
  return { 'proxy-authorization': `Basic ${login}` }
}

/**
 * The proxy finds the target, and who runs the proxy says where it may connect to. Only an address
 * that is written out can be refused before.
 */
export function requireTargetAllowed(url: URL, { policy }: CheckContext): void {
  const { host, port } = endpointOfUrl(url)
  if (isIP(host) !== 0) requireAllowed(policy, host, describeEndpoint({ host, port }))
}
