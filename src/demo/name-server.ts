import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet'
import { codeOf, messageOf } from '../base/app-error.ts'
import type { Logger } from '../runtime/logger.ts'
import { answerQuery } from './zone.ts'

/** The authoritative name server of `shop.test`, over UDP and TCP. It never asks anybody else. */
export type NameServer = {
  /** On the loopback interface, the same for UDP and TCP. */
  readonly port: number
  stop(): Promise<void>
}

/** RFC 1035 §4.2.1: the longest answer by UDP to a client that does not say more. */
const UDP_BYTES_DEFAULT = 512
/** The longest that is sent by UDP at all; fits into one Ethernet frame (RFC 9715 §3.2). */
const UDP_BYTES_MAX = 1_232
/** A query is a name and a type; whoever sends more is not asking. */
const QUERY_BYTES_MAX = 4_096
/** What the two bytes of length before each message can say. */
const TCP_BYTES_MAX = 65_535
const TCP_CONNECTIONS_MAX = 128
const TCP_IDLE_MS = 10_000
/** A port that is free for TCP may be taken for UDP; then another is tried. */
const PORT_ATTEMPTS_MAX = 20

const TRUNCATED = 1 << 9

type Options = { port: number; zone: { isGone: boolean }; logger: Logger }

export async function startNameServer({ port, zone, logger }: Options): Promise<NameServer> {
  const connections = new Set<Socket>()
  const sockets = await bindBoth(port)

  /** The answer's bytes; undefined for what must be ignored: garbage, and answers sent to us. */
  function answer(message: Buffer, bytesMax: (query: DecodedPacket) => number): Buffer | undefined {
    try {
      const query = decode(message)
      const response = answerQuery(query, zone.isGone)
      return response && encodeWithin(response, bytesMax(query))
    } catch (error) {
      // Whoever sends what is no DNS message expects no answer.
      logger.debug({ error: messageOf(error) }, 'ignored a malformed DNS message')
      return undefined
    }
  }

  sockets.udp.on('message', (message, peer) => {
    const response = answer(message, udpBytesMax)
    // Who asked may be gone; there is nobody to tell.
    if (response) sockets.udp.send(response, peer.port, peer.address, () => undefined)
  })
  sockets.udp.on('error', (error) => logger.warn({ error: error.message }, 'name server, UDP'))

  sockets.tcp.maxConnections = TCP_CONNECTIONS_MAX
  sockets.tcp.on('connection', (socket) => {
    connections.add(socket)
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
    socket.on('close', () => connections.delete(socket))
    readFrames(socket, (message) => {
      const response = answer(message, () => TCP_BYTES_MAX)
      if (response) socket.write(withLength(response))
      else socket.destroy()
    })
  })

  return {
    port: sockets.port,
    async stop() {
      for (const socket of connections) socket.destroy()
      await closeBoth(sockets)
    },
  }
}

function udpBytesMax(query: DecodedPacket): number {
  const edns = query.additionals?.find((record) => record.type === 'OPT')
  const wanted = edns && 'udpPayloadSize' in edns ? edns.udpPayloadSize : UDP_BYTES_DEFAULT
  return Math.min(Math.max(wanted, UDP_BYTES_DEFAULT), UDP_BYTES_MAX)
}

/** Encodes; what does not fit becomes an empty answer with the TC bit: "ask again by TCP". */
function encodeWithin(response: Packet, bytesMax: number): Buffer {
  const whole = encode(response)
  if (whole.length <= bytesMax) return whole
  return encode({
    ...response,
    flags: (response.flags ?? 0) | TRUNCATED,
    answers: [],
    authorities: [],
    additionals: (response.additionals ?? []).filter(({ type }) => type === 'OPT'),
  })
}

/** Cuts a TCP stream into messages (RFC 1035 §4.2.2: two bytes of length before each). */
function readFrames(socket: Socket, onMessage: (message: Buffer) => void): void {
  let pending = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 2 && !socket.destroyed) {
      const length = pending.readUInt16BE(0)
      if (length > QUERY_BYTES_MAX) return void socket.destroy()
      if (pending.length < 2 + length) return
      const message = pending.subarray(2, 2 + length)
      pending = pending.subarray(2 + length)
      onMessage(message)
    }
  })
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

export type BoundSockets = { port: number; tcp: Server; udp: UdpSocket }

/** Listens on one port for TCP and UDP on the loopback interface; 0 finds a port free for both. */
export async function bindBoth(port: number): Promise<BoundSockets> {
  for (let attempt = 1; ; attempt++) {
    // Half-open, so that a client that has asked all its questions still gets the answers.
    const tcp = createServer({ allowHalfOpen: true })
    tcp.listen(port, '127.0.0.1')
    await once(tcp, 'listening')
    const address = tcp.address()
    const bound = typeof address === 'object' && address ? address.port : port
    const udp = createSocket('udp4')
    try {
      udp.bind(bound, '127.0.0.1')
      await once(udp, 'listening')
      return { port: bound, tcp, udp }
    } catch (error) {
      udp.close()
      tcp.close()
      const mayTryAnother = port === 0 && attempt < PORT_ATTEMPTS_MAX
      if (!mayTryAnother || codeOf(error) !== 'EADDRINUSE') throw error
    }
  }
}

/** Their connections must be closed already, or this waits for them. */
export async function closeBoth(sockets: BoundSockets): Promise<void> {
  const closed = [once(sockets.tcp, 'close'), once(sockets.udp, 'close')]
  sockets.tcp.close()
  sockets.udp.close()
  await Promise.all(closed)
}
