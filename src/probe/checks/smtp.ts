import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { SmtpCheck } from '../../protocol/kinds/smtp.ts'
import { type Conversation, converse } from '../network/conversation.ts'
import { type InspectOptions, inspectTls } from '../network/inspect-tls.ts'
import { describeProblem, inspectPeer } from '../network/peer-certificate.ts'
import { createPhaseMeter, type PhaseMeter } from '../network/phase-meter.ts'
import { describeReply, type Reply, readReply } from '../network/reply-lines.ts'
import { describeEndpoint, locate, openConnection } from '../network/timed-connect.ts'
import { tlsContext } from '../network/tls-context.ts'
import { type CheckContext, CheckError, type CheckRunner } from './check-runner.ts'
import { recordTrust } from './record-certificate.ts'
import { leave, ownName } from './tls.ts'

type Parts = {
  check: SmtpCheck
  context: CheckContext
  meter: PhaseMeter
  options: InspectOptions
}

/** Talks to a mail server up to its capabilities, over TLS when the check says so. It never sends mail. */
export const runSmtpCheck: CheckRunner<'smtp'> = async (check, context) => {
  const options = inspectOptionsOf(check, context)
  // Made once for many runs, and no part of the measured time.
  if (check.security !== 'none') tlsContext(options.manner, options)
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const meter = createPhaseMeter(context, check.timeoutMs)
  const endpoint = { host: check.host, port: check.port }
  const connecting = { context, meter, addresses: check.addresses }
  const located = await locate(endpoint, connecting)
  const tcp = await openConnection(endpoint, located, connecting)
  try {
    const { remoteAddress = '', remotePort = 0 } = tcp
    findings.fact('address', describeEndpoint({ host: remoteAddress, port: remotePort }))
    const socket = await talk(tcp, { check, context, meter, options })
    const totalMs = clock.monotonic() - startedAt
    findings.subject('total', totalMs)
    findings.duration(totalMs)
    await quit(socket)
  } finally {
    tcp.destroy()
  }
}

function inspectOptionsOf(check: SmtpCheck, { secret }: CheckContext): InspectOptions {
  const { host, port, serverName = host, trustedRoots, clientCertificate } = check
  const target = describeEndpoint({ host, port })
  // RFC 7301 has no name for SMTP, and servers may refuse a client that offers them another.
  const alpn: string[] = []
  return { manner: 'modern', serverName, target, alpn, trustedRoots, clientCertificate, secret }
}

/** Greeting, EHLO, and TLS before or after; gives the connection as it is then. */
async function talk(tcp: Socket, parts: Parts): Promise<Socket> {
  const { security } = parts.check
  const { findings } = parts.context
  const socket = security === 'tls' ? await secure(tcp, parts) : tcp
  const conversation = converse(socket, { target: parts.options.target, fail: malformed })
  try {
    await greet(conversation, parts)
    const capabilities = await hello(conversation, parts)
    if (security !== 'starttls') return socket
    await ask(conversation, parts, 'STARTTLS', 220)
    if (conversation.release().length > 0)
      throw malformed(`${parts.options.target} said more in the clear after it agreed to TLS`)
    const secured = await secure(tcp, parts)
    const second = converse(secured, { target: parts.options.target, fail: malformed })
    try {
      const hidden = await hello(second, parts)
      // What it offers in the clear counts as well: STARTTLS is among that only.
      recordCapabilities([...new Set([...capabilities, ...hidden])], parts)
      return secured
    } finally {
      second.release()
    }
  } catch (error) {
    findings.log(`${parts.options.target}: ${conversation.heard()}`)
    throw error
  } finally {
    conversation.release()
  }
}

const malformed = (words: string) => new CheckError('smtp.malformed', words)

async function greet(
  conversation: Conversation,
  { meter, context: { findings }, options: { target } }: Parts,
): Promise<void> {
  const what = () => `no complete greeting from ${target} (${conversation.heard()})`
  const greeting = await meter.measure('greeting', { type: 'timeout', what }, () =>
    readReply(conversation, notSmtp(target)),
  )
  const banner = greeting.lines.join('\n')
  const refused = `${target} greets with "${describeReply(greeting)}"`
  findings.subject('code', greeting.code, () => ({ type: 'smtp.refused', message: refused }))
  findings.subject('banner', banner)
  findings.fact('code', greeting.code)
  findings.fact('banner', banner)
  if (greeting.code >= 400) throw new CheckError('smtp.refused', refused)
}

/** Says who the probe is, and gives what the server can do. */
async function hello(conversation: Conversation, parts: Parts): Promise<string[]> {
  const { helloName = ownName() } = parts.check
  const { lines } = await ask(conversation, parts, `EHLO ${helloName}`, 250)
  // The first line is the server's name.
  const capabilities = lines.slice(1)
  recordCapabilities(capabilities, parts)
  return capabilities
}

function recordCapabilities(capabilities: string[], { context: { findings } }: Parts): void {
  findings.subject('capabilities', capabilities)
  findings.fact('capabilities', capabilities)
}

/** Sends a command, as phase `exchange`, and requires the reply that it is answered with. */
async function ask(
  conversation: Conversation,
  { meter, options: { target } }: Parts,
  command: string,
  code: number,
): Promise<Reply> {
  const what = () => `no complete answer to ${command} from ${target} (${conversation.heard()})`
  const reply = await meter.measure('exchange', { type: 'timeout', what }, () => {
    conversation.send(`${command}\r\n`)
    return readReply(conversation, notSmtp(target))
  })
  if (reply.code === code) return reply
  throw new CheckError(
    reply.code >= 400 ? 'smtp.refused' : 'smtp.malformed',
    `${target} answers ${command} with "${describeReply(reply)}"`,
  )
}

const notSmtp = (target: string) => (words: string) =>
  malformed(`${target} does not speak SMTP: ${words}`)

async function secure(tcp: Socket, { context, meter, options }: Parts): Promise<TLSSocket> {
  const { target, serverName } = options
  const overdue = { type: 'tls.handshake', what: `no TLS handshake with ${target}` } as const
  const { socket } = await meter.measure('tls', overdue, () => inspectTls(tcp, options))
  const now = context.clock.now()
  const peer = inspectPeer(socket, serverName)
  const { authorizationError: code, served } = peer
  const problem = code === undefined ? undefined : describeProblem(code, served, now)
  recordTrust(peer, { problem, now }, context.findings)
  return socket
}

/** Leaves in order, so that the server's log shows no client that vanished. */
async function quit(socket: Socket): Promise<void> {
  socket.write('QUIT\r\n')
  await leave(socket)
}
