import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type GrpcTarget = { port: number; asked: { headers: IncomingHttpHeaders; body: Buffer }[] }

type Respond = (stream: ServerHttp2Stream, service: string) => void

/** A gRPC server made by hand, which answers as told; gone when the test is over. */
export async function grpcTarget(
  respond: Respond,
  options?: SecureServerOptions,
): Promise<GrpcTarget> {
  const server = options ? createSecureServer(options) : createServer()
  const target: GrpcTarget = { port: 0, asked: [] }
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const chunks: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const body = Buffer.concat(chunks)
      target.asked.push({ headers, body })
      respond(stream, body.subarray(7).toString())
    })
  })
  target.port = await listen(server as Http2Server)
  return target
}

async function listen(server: Http2Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('sessionError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' }

/** A message in its frame; SERVING when absent. */
export const message = (hex = '0801', flag = 0): Buffer => {
  const body = Buffer.from(hex, 'hex')
  return Buffer.concat([Buffer.from([flag, 0, 0, 0, body.length]), body])
}

/** Answers as a server does that speaks the protocol: headers, a message, trailers. */
export function answer(
  stream: ServerHttp2Stream,
  body: Buffer = message(),
  trailers: Record<string, string> | undefined = { 'grpc-status': '0' },
): void {
  stream.respond(HEADERS, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers(trailers))
  stream.end(body)
}

/** Answers with a status only, in its headers. */
export function refuse(stream: ServerHttp2Stream, status: string, words = ''): void {
  stream.respond({ ...HEADERS, 'grpc-status': status, 'grpc-message': words }, { endStream: true })
}
