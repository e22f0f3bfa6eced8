import { createSocket } from 'node:dgram'
import { isIPv6, type Socket } from 'node:net'
import { CheckError, type Findings } from '../checks/check-runner.ts'
import type { Endpoint } from '../connect-to.ts'
import { type DnsQuery, type DnsReply, encodeQuery, readReply } from './dns-message.ts'
import { toCheckError } from './timed-connect.ts'

/** Datagrams get lost; after this long the question is sent again. */
const RESEND_MS = 1_000
const SENDS_MAX = 5

export type UdpExchange = {
  reply(): Promise<DnsReply>
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
  { findings, target }: { findings: Findings; target: string },
): UdpExchange {
  const message = encodeQuery(query)
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>()
  // When the run is over before anybody waits for the reply, its failure means nothing.
  promise.catch(() => undefined)
  let resend: NodeJS.Timeout | undefined
  let sent = 0
  let foreign = 0

  function send(): void {
    sent++
    if (sent > 1) findings.log(`no answer from ${target} within ${RESEND_MS} ms, asked again`)
    socket.send(message, (error) => error && reject(toCheckError(error, target)))
    if (sent < SENDS_MAX) resend = setTimeout(send, RESEND_MS)
  }

  socket.on('error', (error) => reject(toCheckError(error, target)))
  socket.on('message', (received) => {
    try {
      const reply = readReply(received, query)
      if (reply) resolve(reply)
      else foreign++
    } catch (error) {
      reject(error)
    }
  })
  socket.once('connect', send)
  socket.connect(port, host)

  return {
    reply: () => promise,
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

/** RFC 1035 §4.2.2: by TCP a message has its length in front. */
export async function askByTcp(socket: Socket, query: DnsQuery, target: string): Promise<DnsReply> {
  const message = encodeQuery(query)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  socket.write(Buffer.concat([length, message]))
  const reply = readReply(await readFrame(socket, target), query)
  if (!reply || reply.isTruncated)
    throw new CheckError('dns.malformed', `${target} answered another question by TCP`)
  return reply
}

/** The first message that arrives: at most the 64 KiB that two bytes can announce. */
async function readFrame(socket: Socket, target: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let bytes = 0
  let wanted: number | undefined
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
  socket.on('end', () =>
    reject(
      new CheckError(
        'dns.malformed',
        `${target} closed the connection before its answer was complete`,
      ),
    ),
  )
  return promise
}
