import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type Answer, type DecodedPacket, decode, encode } from 'dns-packet'
import { onTestFinished } from 'vitest'

export type Transport = 'udp' | 'tcp'
/** What goes back for a query: bytes, several messages, or nothing. */
export type Respond = (
  query: DecodedPacket,
  transport: Transport,
  /** The port that the query came from. */
  port: number,
) => Buffer | Buffer[] | undefined

export type DnsTarget = {
  port: number
  /** `127.0.0.1:49152`. */
  host: string
  /** The transport of each query, in order of arrival. */
  queries: Transport[]
}

const PORT_ATTEMPTS_MAX = 20

/** A name server that answers as told, by UDP and TCP on one port; gone when the test is over. */
export async function dnsTarget(respond: Respond): Promise<DnsTarget> {
  const { udp, tcp, port } = await bindBoth()
  const queries: Transport[] = []
  const sockets = new Set<Socket>()

  const answer = (message: Buffer, transport: Transport, from: number): Buffer[] => {
    queries.push(transport)
    const answered = respond(decode(message), transport, from)
    return answered === undefined ? [] : [answered].flat()
  }

  udp.on('message', (message, peer) => {
    for (const part of answer(message, 'udp', peer.port)) udp.send(part, peer.port, peer.address)
  })
  tcp.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    // Test queries fit into one segment.
    socket.on('data', (chunk: Buffer) => {
      for (const part of answer(chunk.subarray(2), 'tcp', socket.remotePort ?? 0))
        socket.write(withLength(part))
    })
  })
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    const closed = [once(udp, 'close'), once(tcp, 'close')]
    udp.close()
    tcp.close()
    await Promise.all(closed)
  })
  return { port, host: `127.0.0.1:${port}`, queries }
}

async function bindBoth(): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const udp = createSocket('udp4')
    udp.bind(0, '127.0.0.1')
    await once(udp, 'listening')
    const { port } = udp.address()
    const tcp = createServer().listen(port, '127.0.0.1')
    try {
      await once(tcp, 'listening')
      return { udp, tcp, port }
    } catch (error) {
      udp.close()
      if (attempt === PORT_ATTEMPTS_MAX) throw error
    }
  }
}

export function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

type ReplyOptions = { rcode?: number; flags?: number; answers?: Answer[]; id?: number }

/** A regular reply to the query. */
export function reply(query: DecodedPacket, options: ReplyOptions = {}): Buffer {
  const { rcode = 0, flags = 0, answers = [], id = query.id } = options
  return encode({
    type: 'response',
    id,
    flags: flags | rcode,
    questions: query.questions,
    answers,
  })
}

export const address = (data: string, ttl = 60): Answer => ({
  type: 'A',
  name: 'shop.test',
  ttl,
  data,
})
