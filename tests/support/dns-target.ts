import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { type Answer, type DecodedPacket, decode, encode } from 'dns-packet'
import { onTestFinished } from 'vitest'
import type { KeyPair } from './tls-target.ts'

export type Transport = 'udp' | 'tcp' | 'tls' | 'https'
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

/** A name server by DNS over TLS (RFC 7858). */
export async function dnsOverTlsTarget(options: TlsOptions, respond: Respond): Promise<DnsTarget> {
  const queries: Transport[] = []
  const server = createTlsServer({ ALPNProtocols: ['dot'], ...options }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      queries.push('tls')
      const answered = respond(decode(chunk.subarray(2)), 'tls', socket.remotePort ?? 0) ?? []
      for (const part of [answered].flat()) socket.write(withLength(part))
    })
  })
  return { ...(await listenForTest(server)), queries }
}

export type DnsOverHttpsTarget = DnsTarget & {
  /** `1.1` or `2.0`, of each request. */
  httpVersions: string[]
  requests: {
    method: string | undefined
    url: string | undefined
    contentType: string | undefined
  }[]
}

/** What a web server gets for a query: the answer's bytes, and how to send something else. */
export type RespondOverHttps = (
  query: DecodedPacket,
  response: ServerResponse,
) => Buffer | undefined

/** A name server by DNS over HTTPS (RFC 8484), with HTTP/1.1 and HTTP/2, or only one of them. */
export async function dnsOverHttpsTarget(
  { only, ...options }: KeyPair & { only?: 'http/1.1' | 'h2' },
  respond: RespondOverHttps,
): Promise<DnsOverHttpsTarget> {
  const queries: Transport[] = []
  const httpVersions: string[] = []
  const requests: DnsOverHttpsTarget['requests'] = []
  const handle = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      queries.push('https')
      httpVersions.push(request.httpVersion)
      const { method, url, headers } = request
      requests.push({ method, url, contentType: headers['content-type'] })
      const answered = respond(decode(Buffer.concat(chunks)), response)
      if (answered)
        response.writeHead(200, { 'content-type': 'application/dns-message' }).end(answered)
    })
  }
  if (only === 'http/1.1')
    return {
      ...(await listenForTest(createHttpsServer(options, handle))),
      queries,
      httpVersions,
      requests,
    }
  const server = createSecureServer(
    { ...options, allowHTTP1: only !== 'h2' },
    (request, response) =>
      // What is used of it, both kinds of answer have.
      handle(request, response as unknown as ServerResponse),
  )
  server.on('sessionError', () => undefined)
  return { ...(await listenForTest(server)), queries, httpVersions, requests }
}

/** Lets a server listen on any free loopback port until the test ends. */
export async function listenForTest(server: Server): Promise<{ port: number; host: string }> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return { port, host: `127.0.0.1:${port}` }
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

type ReplyOptions = {
  rcode?: number
  flags?: number
  answers?: Answer[]
  authorities?: Answer[]
  additionals?: Answer[]
  id?: number
}

/** A regular reply to the query. */
export function reply(query: DecodedPacket, options: ReplyOptions = {}): Buffer {
  const { rcode = 0, flags = 0, answers = [], authorities = [], additionals = [] } = options
  const { id = query.id } = options
  return encode({
    type: 'response',
    id,
    flags: flags | rcode,
    questions: query.questions,
    answers,
    authorities,
    additionals,
  })
}

/** A record of which only the bytes matter. */
export const rawRecord = (code: number, data: Buffer, name = 'shop.test'): Answer =>
  ({ type: `UNKNOWN_${code}`, name, ttl: 60, data }) as unknown as Answer

export const address = (data: string, ttl = 60): Answer => ({
  type: 'A',
  name: 'shop.test',
  ttl,
  data,
})
