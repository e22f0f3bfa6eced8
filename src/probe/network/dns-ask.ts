import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { DnsTransport } from '../../protocol/kinds/dns.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import { isProbeFault } from '../checks/classify-error.ts'
import type { Endpoint } from '../connect-to.ts'
import { askByStream, askByUdp, type DnsTally } from './dns-exchange.ts'
import { askByHttps } from './dns-https.ts'
import type { DnsQuery, DnsReply } from './dns-message.ts'
import { createPhaseMeter, type PhaseMeter } from './phase-meter.ts'
import { describeEndpoint, type Located, openConnection } from './timed-connect.ts'
import { handshake } from './tls-handshake.ts'

/** A name server that is not the last one to ask has this long. */
const PATIENCE_MS = 2_000

/** RFC 8484 §4.1: the same question has the same bytes, so that caches can keep its answer. */
const HTTPS_ID = 0

/** A name server: where it is meant to be, and where it really is. */
export type NameServer = {
  endpoint: Endpoint
  located: Located
  /** For DNS over HTTPS. */
  url?: URL
}

export type AskOptions = {
  transport: DnsTransport
  trustedRoots?: string | undefined
  serverName?: string | undefined
  /** The name servers are this probe's own resolvers. */
  isOwn?: boolean
}

export type AskParts = {
  context: Pick<
    CheckContext,
    'clock' | 'connectTo' | 'findings' | 'signal' | 'policy' | 'nameServers'
  >
  meter: PhaseMeter
  tally: DnsTally
  options: AskOptions
  /** A number between 0 and 65,535 that nobody can guess, for each question another. */
  nextId(): number
}

export type Question = Omit<DnsQuery, 'id' | 'edns'>

/** Who answered, and how it was asked. */
export type Answered = { reply: DnsReply; server: NameServer }

/** For people. */
export const describeServer = ({ endpoint, url }: Pick<NameServer, 'endpoint' | 'url'>): string =>
  url ? `${url.origin}${url.pathname}` : describeEndpoint(endpoint)

/**
 * Asks name servers, one after the other: the next one when one cannot be reached or does not answer,
 * as a resolver does. Phases add up.
 *
 * @throws {CheckError} what came of the first of them; one that this probe cannot reach counts least.
 */
export async function askInTurn(
  servers: readonly NameServer[],
  question: Question,
  parts: AskParts,
  leftMs: number,
): Promise<Answered> {
  const patienceMs = Math.min(PATIENCE_MS, leftMs / servers.length)
  const errors: CheckError[] = []
  for (const [index, server] of servers.entries()) {
    const isLast = index === servers.length - 1
    try {
      const patient = isLast ? parts : withPatience(parts, patienceMs)
      return { reply: await askNameServer(server, question, patient), server }
    } catch (error) {
      if (!isSilence(error) || (parts.context.signal.aborted && !isLast)) throw error
      errors.push(parts.options.isOwn ? blameProbe(error) : error)
      if (!isLast) parts.context.findings.log(`${error.message}; the next name server is asked`)
    }
  }
  const [first = new CheckError('probe.network', 'this probe has no name server to ask')] = errors
  throw errors.find((error) => !isProbeFault(error)) ?? first
}

/** When a resolver of this probe's own cannot be reached, the target is not known. */
const blameProbe = (error: CheckError): CheckError =>
  error.type.startsWith('connect.')
    ? new CheckError('probe.network', `the resolver of this probe: ${error.message}`)
    : error

function withPatience(parts: AskParts, patienceMs: number): AskParts {
  const limit = AbortSignal.timeout(Math.ceil(patienceMs))
  const signal = AbortSignal.any([parts.context.signal, limit])
  const context = { ...parts.context, signal }
  return { ...parts, context, meter: createPhaseMeter(context, Math.round(patienceMs)) }
}

const isSilence = (error: unknown): error is CheckError =>
  error instanceof CheckError &&
  (error.type === 'dns.timeout' ||
    error.type === 'probe.network' ||
    (error.type.startsWith('connect.') && error.type !== 'connect.forbidden'))

/** Asks one name server, by the transport that is wanted. */
export function askNameServer(
  server: NameServer,
  question: Question,
  parts: AskParts,
): Promise<DnsReply> {
  const query = { ...question, id: parts.nextId(), edns: true }
  const { transport } = parts.options
  switch (transport) {
    case 'auto':
      return askAuto(server, query, parts)
    case 'udp':
      return askUdp(server, query, parts)
    case 'tcp':
      return askTcp(server, query, parts)
    case 'tls':
    case 'https':
      return askSecured(server, query, parts)
  }
}

const NOT_UNDERSTOOD = ['FORMERR', 'NOTIMP', 'BADVERS']

/** Once more without EDNS when that was not understood (RFC 6891 §6.2.2), unless DNSSEC needs it. */
async function askAuto(server: NameServer, query: DnsQuery, parts: AskParts): Promise<DnsReply> {
  const { findings } = parts.context
  const reply = await askUdpThenTcp(server, query, parts)
  if (query.dnssec || !NOT_UNDERSTOOD.includes(reply.rcode)) return reply
  findings.log(`${describeServer(server)} answered ${reply.rcode} to EDNS, asked again without it`)
  findings.fact('edns', false)
  return askUdpThenTcp(server, { ...query, id: parts.nextId(), edns: false }, parts)
}

async function askUdpThenTcp(
  server: NameServer,
  query: DnsQuery,
  parts: AskParts,
): Promise<DnsReply> {
  const reply = await askUdp(server, query, parts)
  if (!reply.isTruncated) return reply
  parts.context.findings.log(
    `the answer of ${describeServer(server)} did not fit into a datagram, asked again by TCP`,
  )
  return askTcp(server, { ...query, id: parts.nextId() }, parts)
}

async function askUdp(server: NameServer, query: DnsQuery, parts: AskParts): Promise<DnsReply> {
  const { context, meter, tally } = parts
  const { findings } = context
  const target = describeServer(server)
  const address = { host: server.located.addresses[0] ?? '', port: server.located.port }
  findings.fact('address', describeEndpoint(address))
  findings.fact('transport', 'udp')
  const udp = askByUdp(address, query, { findings, target, tally })
  try {
    return await meter.measure('query', { type: 'dns.timeout', what: udp.describe }, udp.reply)
  } finally {
    udp.close()
  }
}

async function askTcp(server: NameServer, query: DnsQuery, parts: AskParts): Promise<DnsReply> {
  const { context, meter, tally } = parts
  const target = describeServer(server)
  const socket = await openConnection(server.endpoint, server.located, parts)
  try {
    recordConnection(socket, 'tcp', context.findings)
    const overdue = { type: 'dns.timeout', what: `no answer from ${target} by TCP` } as const
    return await meter.measure('query', overdue, () =>
      askByStream(socket, query, { target, tally }),
    )
  } finally {
    socket.destroy()
  }
}

/** DNS over TLS (RFC 7858) or HTTPS. Nothing is asked of a server that cannot prove who it is. */
async function askSecured(server: NameServer, query: DnsQuery, parts: AskParts): Promise<DnsReply> {
  const { context, meter, tally, options } = parts
  const target = describeServer(server)
  const tcp = await openConnection(server.endpoint, server.located, parts)
  try {
    recordConnection(tcp, options.transport, context.findings)
    const { socket, certificate } = await handshake(tcp, {
      clock: context.clock,
      meter,
      serverName: options.serverName ?? server.endpoint.host,
      target,
      trustedRoots: options.trustedRoots,
      protocols: server.url ? ['h2', 'http/1.1'] : ['dot'],
    })
    context.findings.fact('certificateDaysLeft', certificate.daysLeft)
    const problem = certificate.problem ?? certificate.nameProblem
    if (problem) throw new CheckError(problem.type, `${target}: ${problem.message}`)
    const ask = () => askOver(socket, server, query, { target, tally })
    if (server.url) context.findings.fact('httpVersion', socket.alpnProtocol === 'h2' ? '2' : '1.1')
    const overdue = { type: 'dns.timeout', what: `no complete answer from ${target}` } as const
    return await meter.measure('query', overdue, ask)
  } finally {
    tcp.destroy()
  }
}

const askOver = (
  socket: TLSSocket,
  { url }: NameServer,
  query: DnsQuery,
  parts: { target: string; tally: DnsTally },
): Promise<DnsReply> =>
  url
    ? askByHttps(socket, url, { ...query, id: HTTPS_ID }, parts)
    : askByStream(socket, query, parts)

function recordConnection(
  { remoteAddress = '', remotePort = 0 }: Socket,
  transport: DnsTransport,
  findings: CheckContext['findings'],
): void {
  findings.fact('address', describeEndpoint({ host: remoteAddress, port: remotePort }))
  findings.fact('transport', transport)
}
