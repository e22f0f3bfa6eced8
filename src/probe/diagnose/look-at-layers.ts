import { request } from 'node:http'
import type { Socket } from 'node:net'
import { codeOf } from '../../base/app-error.ts'
import { classifyError } from '../checks/classify-error.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { describeEndpoint } from '../network/timed-connect.ts'
import { handshake } from '../network/tls-handshake.ts'
import { tryConnecting } from '../network/try-connecting.ts'
import { userAgent } from '../network/user-agent.ts'
import type { DiagnosisContext } from './diagnose.ts'
import type { LayersToTry } from './layers-of-check.ts'
import { lookUpHost } from './look-at-dns.ts'
import type { LayerFinding } from './name-broken-layer.ts'

/** One connection; the handshake and the request share what is left of the diagnosis' time. */
const CONNECT_MS_MAX = 500
/** As many addresses as a check tries. */
const ADDRESSES_MAX = 6
/** From here on an answer is the server's own failure; others may be what a check wants. */
const SERVER_ERROR_MIN = 500

/**
 * Looks at one layer after the other, each by itself, until one is broken that all further ones need.
 *
 * @param judgesCertificate whether a bad certificate is a broken layer, and not only a fact.
 */
export async function lookAtLayers(
  { endpoint, tcp, tls, http }: LayersToTry,
  context: DiagnosisContext,
  judgesCertificate: boolean,
): Promise<LayerFinding[]> {
  const { target, findings, addresses } = await find(endpoint, context)
  if (!tcp || addresses.length === 0) return findings
  const attempts = await Promise.all(
    addresses.map((host) => connectTo({ host, port: target.port }, context)),
  )
  findings.push(...attempts.map(({ finding }) => finding))
  const sockets = attempts.flatMap(({ socket }) => socket ?? [])
  const [socket] = sockets
  let secured: Socket | undefined
  try {
    if (!socket) return findings
    if (tls) {
      const shaken = await shakeHands(socket, tls, { context, endpoint, judgesCertificate })
      findings.push(shaken.finding)
      secured = shaken.socket
      if (!secured) return findings
    }
    if (http) findings.push(await requestOnce(secured ?? socket, http, context))
    return findings
  } finally {
    // The outer one first: it would otherwise write to an inner one that is gone.
    secured?.destroy()
    for (const one of sockets) one.destroy()
  }
}

/** Where the endpoint is: by the operator's rule, which stands above names and policy, or by its name. */
async function find(endpoint: LayersToTry['endpoint'], context: DiagnosisContext) {
  const rule = context.connectTo.find(endpoint.host, endpoint.port)
  const target = rule ?? endpoint
  const { findings, addresses } = await lookUpHost(target.host, context)
  const allowed = rule
    ? addresses
    : addresses.filter((address) => context.policy.problem(address) === undefined)
  return { target, findings, addresses: allowed.slice(0, ADDRESSES_MAX) }
}

type Connected = { finding: LayerFinding; socket?: Socket }

async function connectTo(
  address: LayersToTry['endpoint'],
  { clock, signal }: DiagnosisContext,
): Promise<Connected> {
  const startedAt = clock.monotonic()
  const limited = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS_MAX)])
  const finding = (isFine: boolean, message: string): LayerFinding => ({
    layer: 'tcp',
    subject: describeEndpoint(address),
    isFine,
    ms: clock.monotonic() - startedAt,
    message,
  })
  try {
    const socket = await tryConnecting(address, limited)
    return { finding: finding(true, 'accepted'), socket }
  } catch (error) {
    if (limited.aborted) {
      const overdue = finding(false, `not accepted within ${CONNECT_MS_MAX} ms`)
      return { finding: { ...overdue, isOverdue: true } }
    }
    // What this machine cannot reach, such as IPv6, is not broken at the target.
    const isOurs = classifyError(error).type.startsWith('probe.')
    return { finding: finding(isOurs, connectWords(error)) }
  }
}

const CONNECT_WORDS: Record<string, string> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'has no route',
  ENETUNREACH: 'cannot be tried from here',
}

const connectWords = (error: unknown): string => CONNECT_WORDS[codeOf(error) ?? ''] ?? 'failed'

type HandshakeParts = {
  context: DiagnosisContext
  endpoint: LayersToTry['endpoint']
  judgesCertificate: boolean
}

/** Never refuses, and then judges. Without a socket when there was no handshake. */
async function shakeHands(
  tcp: Socket,
  { serverName, trustedRoots }: NonNullable<LayersToTry['tls']>,
  { context, endpoint, judgesCertificate }: HandshakeParts,
): Promise<Connected> {
  const { clock, signal } = context
  const startedAt = clock.monotonic()
  const meter = createPhaseMeter(
    { clock, signal, findings: { phase: () => undefined } as never },
    0,
  )
  const target = describeEndpoint(endpoint)
  const finding = (isFine: boolean, message: string): LayerFinding => ({
    layer: 'tls',
    subject: target,
    isFine,
    ms: clock.monotonic() - startedAt,
    message,
  })
  try {
    const options = { clock, meter, serverName, target, trustedRoots }
    const { socket, certificate } = await handshake(tcp, options)
    const problem = certificate.problem ?? certificate.nameProblem
    if (problem) return { finding: finding(!judgesCertificate, problem.message), socket }
    return { finding: finding(true, `${socket.getProtocol()}, trusted`), socket }
  } catch (error) {
    if (!signal.aborted) return { finding: finding(false, classifyError(error, target).message) }
    return { finding: { ...finding(false, 'no handshake in time'), isOverdue: true } }
  }
}

/** One GET, of which only the status is looked at. */
async function requestOnce(
  socket: Socket,
  url: URL,
  { clock, signal }: DiagnosisContext,
): Promise<LayerFinding> {
  const startedAt = clock.monotonic()
  const finding = (isFine: boolean, message: string): LayerFinding => ({
    layer: 'http',
    subject: `${url.host}${url.pathname}`,
    isFine,
    ms: clock.monotonic() - startedAt,
    message,
  })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = { host: url.host, 'user-agent': userAgent(), connection: 'close' }
  const asking = request({
    createConnection: () => socket,
    method: 'GET',
    path: url.pathname,
    headers,
  })
  asking.on('error', reject)
  asking.on('response', (answer) => {
    resolve(answer.statusCode ?? 0)
    answer.destroy()
  })
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    asking.end()
    const status = await promise
    return finding(status < SERVER_ERROR_MIN, `GET ${url.pathname} answered with ${status}`)
  } catch (error) {
    if (signal.aborted) return { ...finding(false, 'no answer in time'), isOverdue: true }
    return finding(false, requestWords(error, url.host))
  } finally {
    signal.removeEventListener('abort', onAbort)
    asking.destroy()
  }
}

/** Its parser's errors have codes of their own. */
function requestWords(error: unknown, host: string): string {
  if (codeOf(error)?.startsWith('HPE_')) return `${host} did not answer with valid HTTP`
  const { type, message } = classifyError(error, host)
  return type === 'probe.internal' ? `the request to ${host} failed` : message
}
