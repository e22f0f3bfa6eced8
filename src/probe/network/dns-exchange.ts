import { createSocket } from 'node:dgram'
import { isIPv6, type Socket } from 'node:net'
import { CheckError, type Findings } from '../checks/check-runner.ts'
import type { Endpoint } from '../connect-to.ts'
import { type DnsQuery, type DnsReply, encodeQuery, readReply } from './dns-message.ts'
import type { Span } from './phase-meter.ts'
import { toCheckError } from './timed-connect.ts'

/** Datagrams get lost; after this long the question is sent again. */
const RESEND_MS = 1_000
const SENDS_MAX = 5

/** Counted over all that a run asks. */
export type DnsTally = {
  /** Questions that were sent. */
  attempts: number
  /** Messages that came and belong to no question of ours. */
  ignored: number
}

export type ExchangeParts = {
  findings: Pick<Findings, 'log'>
  /** For people: who is asked. */
  target: string
  tally: DnsTally
}

export type UdpExchange = {
  reply(span: Span): Promise<DnsReply>
  /** What has happened so far, for the message when there is no reply. */
  describe(): string
  close(): void
}

/**
 * Asks by UDP, on a port of its own, until there is a reply; the caller has the deadline. The socket
 * is connected, so that datagrams from anybody else are not even seen.
 */
export function askByUdp(
  { host, port }: Endpoint,
  query: DnsQuery,
  { findings, target, tally }: ExchangeParts,
): UdpExchange {
  const message = encodeQuery(query)
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>()
  // When the run is over before anybody waits for the reply, its failure means nothing.
  promise.catch(() => undefined)
  let resend: NodeJS.Timeout | undefined
  let sent = 0
  let foreign = 0
  let span: Span | undefined

  function send(): void {
    sent++
    tally.attempts++
    if (sent > 1) findings.log(`no answer from ${target} within ${RESEND_MS} ms, asked again`)
    // From the first question on: one that got lost is the target's time.
    if (sent === 1) span?.begin()
    socket.send(message, (error) => error && reject(toCheckError(error, target)))
    if (sent < SENDS_MAX) resend = setTimeout(send, RESEND_MS)
  }

  socket.on('error', (error) => reject(toCheckError(error, target)))
  socket.on('message', (received) => {
    // Whether it is the reply, only reading it tells.
    span?.end()
    try {
      const reply = readReply(received, query, target)
      if (reply) return resolve(reply)
      foreign++
      tally.ignored++
    } catch (error) {
      reject(error)
    }
  })
  socket.once('connect', send)
  socket.connect(port, host)

  return {
    reply(measured) {
      span = measured
      return promise
    },
    describe() {
      const asked = sent > 1 ? ` to ${sent} questions` : ''
      const others = foreign > 0 ? `, only ${foreign} that belong to no question of ours,` : ''
      return `no answer from ${target}${asked}${others}`
    },
    close() {
      clearTimeout(resend)
      socket.close()
    },
  }
}

/** RFC 1035 §4.2.2: over a connection, of TCP or TLS, a message has its length in front. */
export async function askByStream(
  socket: Socket,
  query: DnsQuery,
  { target, tally }: Pick<ExchangeParts, 'target' | 'tally'>,
): Promise<DnsReply> {
  const message = encodeQuery(query)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  tally.attempts++
  socket.write(Buffer.concat([length, message]))
  return requireOurs(readReply(await readFrame(socket, target), query, target), target)
}

/** Over a connection of our own there is nothing else that could come, and all of it fits. */
export function requireOurs(reply: DnsReply | undefined, target: string): DnsReply {
  if (!reply)
    throw new CheckError('dns.malformed', `${target} answered something that was not asked`)
  if (reply.isTruncated)
    throw new CheckError('dns.malformed', `${target} cut its answer short, over a connection too`)
  return reply
}

/** The first message that arrives: at most the 64 KiB that two bytes can announce. */
async function readFrame(socket: Socket, target: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let bytes = 0
  let wanted: number | undefined
  const isCut = () =>
    reject(
      new CheckError(
        'dns.malformed',
        bytes === 0
          ? `${target} closed the connection without an answer`
          : `${target} closed the connection before its answer was complete (${bytes} bytes came)`,
      ),
    )
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (wanted === undefined && bytes >= 2) wanted = 2 + Buffer.concat(chunks).readUInt16BE(0)
    if (wanted !== undefined && bytes >= wanted) {
      socket.pause()
      resolve(Buffer.concat(chunks).subarray(2, wanted))
    }
  })
  socket.on('error', (error) => reject(toCheckError(error, target)))
  socket.on('end', isCut)
  socket.on('close', isCut)
  return promise
}
