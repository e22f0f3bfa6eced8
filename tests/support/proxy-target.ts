import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { KeyPair } from './tls-target.ts'

export type ProxyTarget = {
  port: number
  url: string
  /** What it was asked: `GET http://shop.test/`, `CONNECT shop.test:443`. */
  asked: string[]
  /** The login that each request brought. */
  logins: (string | undefined)[]
}

type ProxyOptions = {
  /** Where connections really go, whatever name they are for. */
  to: number
  /** `user:password` that it wants. */
  login?: string
  /** Answers CONNECT with this status instead. */
  refuses?: number
  /** For a proxy that is itself spoken to over TLS. */
  tls?: KeyPair
}

/** A forward proxy; gone when the test is over. */
export async function proxyTarget({ to, login, refuses, tls }: ProxyOptions): Promise<ProxyTarget> {
  const target: ProxyTarget = { port: 0, url: '', asked: [], logins: [] }
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const isWelcome = (asking: IncomingMessage) => {
    target.asked.push(`${asking.method} ${asking.url}`)
    const given = asking.headers['proxy-authorization']
    target.logins.push(given && atob(given.replace('Basic ', '')))
    return login === undefined || target.logins.at(-1) === login
  }
  const server: Server = tls ? createSecureServer(tls) : createServer()
  server.on('connection', keep)
  server.on('request', (asking, answer) => {
    if (!isWelcome(asking)) return void answer.writeHead(407).end()
    const { method, headers, url = '' } = asking
    const path = new URL(url).pathname
    const onward = request({ host: '127.0.0.1', port: to, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    onward.on('error', () => answer.writeHead(502).end())
    asking.pipe(onward)
  })
  server.on('connect', (asking: IncomingMessage, socket: Socket) => {
    if (!isWelcome(asking)) return void socket.end('HTTP/1.1 407 Login Required\r\n\r\n')
    if (refuses !== undefined) return void socket.end(`HTTP/1.1 ${refuses} Not Today\r\n\r\n`)
    const onward = connect({ host: '127.0.0.1', port: to })
    keep(onward)
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  target.port = (server.address() as AddressInfo).port
  target.url = `${tls ? 'https' : 'http'}://127.0.0.1:${target.port}`
  return target
}
