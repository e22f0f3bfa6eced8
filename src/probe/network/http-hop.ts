import type { Socket } from 'node:net'
import type { Phase } from '../../protocol/run.ts'
import { endpointOfUrl } from '../checks/check-endpoint.ts'
import { CheckError } from '../checks/check-runner.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { HttpRequest, HttpRequestOptions, HttpRequestParts } from './http-request.ts'
import { exchangeByHttp1 } from './http1-exchange.ts'
import { refuseLinkLocal } from './link-local.ts'
import { withoutSecrets } from './next-hop.ts'
import type { PeerCertificate } from './peer-certificate.ts'
import { describeEndpoint, locate, openConnection } from './timed-connect.ts'
import { handshake } from './tls-handshake.ts'

export type HopParts = HttpRequestParts & {
  options: HttpRequestOptions
  /** The request that redirects began with. */
  first: HttpRequest
  /** How many were followed to come here. */
  redirects: number
}

/** What came of a hop, for the run's waterfall. */
type Hop = {
  phases: Phase[]
  address?: string
  answer?: HttpAnswer
  certificate?: PeerCertificate
}

/** Makes one request over a connection of its own, and writes the exchange down, however it ends. */
export async function performHop<T>(
  request: HttpRequest,
  parts: HopParts,
  use: (answer: HttpAnswer, certificate: PeerCertificate | undefined) => Promise<T>,
): Promise<T> {
  const { clock } = parts.context
  const startedAt = clock.monotonic()
  const hop: Hop = { phases: [] }
  const meter = parts.meter.tellingAlso((name, ms) => addPhase(hop.phases, name, ms))
  try {
    return await connectAndAsk(request, { ...parts, meter }, hop, use)
  } finally {
    recordExchange(request, hop, { ...parts, hopStartedAt: startedAt })
  }
}

async function connectAndAsk<T>(
  request: HttpRequest,
  parts: HopParts,
  hop: Hop,
  use: (answer: HttpAnswer, certificate: PeerCertificate | undefined) => Promise<T>,
): Promise<T> {
  const { context, meter, redirects } = parts
  const { findings } = context
  const endpoint = endpointOfUrl(request.url)
  const target = describeEndpoint(endpoint)
  const located = await locate(endpoint, parts)
  if (redirects > 0) refuseLinkLocal(request.url, located)
  const tcp = await openConnection(endpoint, located, parts)
  try {
    const { remoteAddress = '', remotePort = 0 } = tcp
    hop.address = describeEndpoint({ host: remoteAddress, port: remotePort })
    findings.fact('address', hop.address)
    findings.fact('finalUrl', withoutSecrets(request.url))
    findings.subject('finalUrl', withoutSecrets(request.url))
    const socket = request.url.protocol === 'https:' ? await secure(tcp, request, parts, hop) : tcp
    return await exchangeByHttp1(socket, request, { meter, target }, (answer) => {
      hop.answer = answer
      findings.subject('httpVersion', answer.httpVersion)
      findings.fact('httpVersion', answer.httpVersion)
      return use(answer, hop.certificate)
    })
  } finally {
    tcp.destroy()
  }
}

/** Nothing is sent to a server that cannot prove who it is. */
async function secure(
  tcp: Socket,
  { url }: HttpRequest,
  { context, meter, options }: HopParts,
  hop: Hop,
): Promise<Socket> {
  const { clock, findings } = context
  const endpoint = endpointOfUrl(url)
  const { socket, certificate } = await handshake(tcp, {
    clock,
    meter,
    serverName: endpoint.host,
    target: describeEndpoint(endpoint),
    trustedRoots: options.trustedRoots,
  })
  hop.certificate = certificate
  findings.fact('certificateDaysLeft', certificate.daysLeft)
  findings.subject('certificateDaysLeft', certificate.daysLeft)
  const problem = certificate.problem ?? certificate.nameProblem
  if (!problem) return socket
  socket.destroy()
  throw new CheckError(problem.type, `${describeEndpoint(endpoint)}: ${problem.message}`)
}

function recordExchange(
  { method, url }: HttpRequest,
  { phases, address, answer }: Hop,
  { context, part, startedAt, hopStartedAt }: HopParts & { hopStartedAt: number },
): void {
  context.findings.exchange({
    ...(part !== undefined && { part }),
    method,
    url: withoutSecrets(url),
    ...(answer && { status: answer.status, httpVersion: answer.httpVersion }),
    ...(address !== undefined && { address }),
    startMs: hopStartedAt - startedAt,
    ms: phases.reduce((sum, { ms }) => sum + ms, 0),
    phases,
  })
}

function addPhase(phases: Phase[], name: Phase['name'], ms: number): void {
  const known = phases.find((phase) => phase.name === name)
  if (known) known.ms += ms
  else phases.push({ name, ms })
}
