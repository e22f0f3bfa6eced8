import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { decode, encode } from 'dns-packet'
import { raisePriority } from '../raise-priority.ts'

/**
 * A target in a process of its own, which waits as long as it is told in each phase, and tells how long
 * it really waited by its own monotonic clock. It runs at the highest priority it can get: what it
 * logs must be what happened even when every processor is busy.
 */

/** Milliseconds to wait; what is not named does not wait. */
export type Script = { query?: number; tls?: number; firstByte?: number; download?: number }

export type ScriptedAnswer =
  | { kind: 'ready'; http: number; https: number; dns: number }
  /** A phase as it really was, in milliseconds. */
  | { kind: 'truth'; phase: keyof Script; ms: number }

export type ScriptedOrder =
  | { certificate: string; key: string; ecdhCurve: string }
  | { script: Script }

const BODY = 'Featured lamps'.repeat(64)
let script: Script = {}

const tell = (answer: ScriptedAnswer) => void process.send?.(answer)
const after = (ms: number | undefined, work: () => void) =>
  ms === undefined || ms === 0 ? work() : void setTimeout(work, ms)

function answer(_request: unknown, response: import('node:http').ServerResponse): void {
  const askedAt = performance.now()
  const { firstByte, download } = script
  after(firstByte, () => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': BODY.length })
    response.flushHeaders()
    const begunAt = performance.now()
    tell({ kind: 'truth', phase: 'firstByte', ms: begunAt - askedAt })
    after(download, () => {
      response.end(BODY)
      tell({ kind: 'truth', phase: 'download', ms: performance.now() - begunAt })
    })
  })
}

async function listen(certificate: string, key: string, ecdhCurve: string): Promise<void> {
  const http = createServer({ keepAlive: false }, answer)
  const secureContext = createSecureContext({ cert: certificate, key, ecdhCurve })
  const https = createSecureServer(
    {
      cert: certificate,
      key,
      ecdhCurve,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (_name, done) => after(script.tls, () => done(null, secureContext)),
    },
    answer,
  )
  const connectedAt = new Map<number, number>()
  https.on('connection', (socket: Socket) =>
    connectedAt.set(socket.remotePort ?? 0, performance.now()),
  )
  https.on('secureConnection', (socket: TLSSocket) => {
    const since = connectedAt.get(socket.remotePort ?? 0)
    connectedAt.delete(socket.remotePort ?? 0)
    if (since !== undefined) tell({ kind: 'truth', phase: 'tls', ms: performance.now() - since })
  })
  const dns = createSocket('udp4')
  dns.on('message', (message, peer) => {
    const askedAt = performance.now()
    const query = decode(message)
    after(script.query, () => {
      const reply = encode({
        type: 'response',
        id: query.id ?? 0,
        questions: query.questions ?? [],
        answers: [{ type: 'A', name: 'shop.test', ttl: 60, data: '127.0.0.1' }],
      })
      dns.send(reply, peer.port, peer.address)
      tell({ kind: 'truth', phase: 'query', ms: performance.now() - askedAt })
    })
  })
  await Promise.all([
    new Promise<void>((resolve) => http.listen(0, '127.0.0.1', () => resolve())),
    new Promise<void>((resolve) => https.listen(0, '127.0.0.1', () => resolve())),
    new Promise<void>((resolve) => dns.bind(0, '127.0.0.1', () => resolve())),
  ])
  tell({
    kind: 'ready',
    http: (http.address() as AddressInfo).port,
    https: (https.address() as AddressInfo).port,
    dns: dns.address().port,
  })
}

raisePriority()
process.on('message', (order: ScriptedOrder) => {
  if ('script' in order) script = order.script
  else void listen(order.certificate, order.key, order.ecdhCurve)
})
process.on('disconnect', () => process.exit(0))
