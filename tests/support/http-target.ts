import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { onTestFinished } from 'vitest'
import { describeEndpoint } from '../../src/probe/network/timed-connect.ts'

export type HttpTarget = {
  port: number
  /** `127.0.0.1:49152`. */
  host: string
  url: string
  /** Every request, in order. */
  requests: IncomingMessage[]
  /** Connections that clients have opened. */
  connections: number
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A web server that answers as told; gone when the test is over. */
export async function httpTarget(
  answer: Answer,
  address?: string,
  port?: number,
): Promise<HttpTarget> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  return listen(server, requests, address, port)
}

/** A server that says whatever a test wants instead of HTTP. */
export async function rawTarget(onConnection: (socket: Socket) => void): Promise<HttpTarget> {
  return listen(createTcpServer(onConnection), [])
}

/** Says these bytes as soon as it is asked something, and closes. */
export const saying = (answer: string | Buffer) =>
  rawTarget((socket) => void socket.once('data', () => socket.end(answer)))

async function listen(
  server: Server,
  requests: IncomingMessage[],
  address = '127.0.0.1',
  port = 0,
): Promise<HttpTarget> {
  const sockets = new Set<Socket>()
  const target: HttpTarget = { port: 0, host: '', url: '', requests, connections: 0 }
  server.on('connection', (socket: Socket) => {
    target.connections++
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, address)
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  target.port = (server.address() as AddressInfo).port
  target.host = describeEndpoint({ host: address, port: target.port })
  target.url = `http://${target.host}/`
  return target
}

/** A port that was free a moment ago, where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Writes one byte after the other, for ever. */
export function drip(stream: { write(text: string): unknown; once: Socket['once'] }, everyMs = 10) {
  const timer = setInterval(() => stream.write('x'), everyMs)
  stream.once('close', () => clearInterval(timer))
}
