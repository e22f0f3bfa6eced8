import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { rawTarget } from './http-target.ts'

export type Http2Target = {
  port: number
  host: string
  /** Headers of every request, in order. */
  requests: Record<string, unknown>[]
}

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

/** A server of HTTP/2: over TLS with a key, else with prior knowledge. */
export async function http2Target(answer: Answer, tls?: SecureServerOptions): Promise<Http2Target> {
  const server: Http2Server | Http2SecureServer = tls ? createSecureServer(tls) : createServer()
  const target: Http2Target = { port: 0, host: '', requests: [] }
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => stream.destroy())
    target.requests.push({ ...headers })
    answer(stream, headers)
  })
  if (tls?.allowHTTP1) server.on('request', endHttp1)
  server.on('sessionError', () => undefined)
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  server.on('connection', keep)
  server.on('secureConnection', keep)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  target.port = (server.address() as AddressInfo).port
  target.host = `127.0.0.1:${target.port}`
  return target
}

/** The whole answer to a request by HTTP/1.1. */
function endHttp1(request: Http2ServerRequest, response: Http2ServerResponse): void {
  if (request.httpVersionMajor === 1) response.end()
}

export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4 } as const

/** RFC 9113 §4.1. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
) {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const uint32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => void bytes.writeUInt32BE(value, 4 * i))
  return bytes
}

/** `:status: 200`, by its number in the static table (RFC 7541 appendix A). */
export const STATUS_200 = Buffer.from([0x88])

/** Frames that every server sends first. */
export const SETTINGS = frame(FRAME.settings, 0, 0)

/** A server that says these bytes in HTTP/2 as soon as its client has asked; for what no library sends. */
export const http2Saying = (say: (socket: Socket) => void) =>
  rawTarget((socket) => {
    let heard = 0
    socket.on('data', (data: Buffer) => {
      const isFirst = heard === 0
      heard += data.length
      if (isFirst) say(socket)
    })
  })
