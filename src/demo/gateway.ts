import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Logger } from '../runtime/logger.ts'
import { bindBoth, closeBoth } from './name-server.ts'

/**
 * One region's way to the shop: forwards HTTP, HTTPS and DNS, each on a loopback port of its own.
 *
 * Open: connections and datagrams pass. Cut: what was connected is reset, who connects is reset at
 * the first byte, datagrams vanish. `setCut` is the only way between the two; `stop` ends both.
 */
export type Gateway = {
  /** Rules in the form of `FIREWATCH_CONNECT_TO`. */
  readonly connectTo: string
  setCut(isCut: boolean): void
  stop(): Promise<void>
}

export type GatewayTargets = { httpPort: number; httpsPort: number; dnsPort: number }

/** Connections that one port forwards at a time; more are refused. */
const CONNECTIONS_MAX = 256
/** When a client of a cut region that says nothing is reset. */
const CUT_RESET_MS = 100
/** Longer than the slowest answer, 15 s, so that only dead connections reach it. */
const IDLE_MS = 60_000
/** Clients by UDP that an answer is awaited for; the oldest is forgotten. */
const UDP_CLIENTS_MAX = 256
const UDP_IDLE_MS = 5_000

export async function startGateway(targets: GatewayTargets, logger: Logger): Promise<Gateway> {
  const sockets = new Set<Socket>()
  const clients = new Map<string, UdpClient>()
  let isCut = false

  const forwardTo = (port: number) => (client: Socket) => {
    if (isCut) resetSoon(client, sockets)
    else joinSockets(client, connect({ host: '127.0.0.1', port, allowHalfOpen: true }), sockets)
  }

  const http = await listen(forwardTo(targets.httpPort))
  const https = await listen(forwardTo(targets.httpsPort))
  const dns = await bindBoth(0)
  dns.tcp.maxConnections = CONNECTIONS_MAX
  dns.tcp.on('connection', forwardTo(targets.dnsPort))
  dns.udp.on('error', (error) => logger.warn({ error: error.message }, 'gateway, UDP'))
  dns.udp.on('message', (message, peer) => {
    if (isCut) return
    const key = `${peer.address}:${peer.port}`
    const client = clients.get(key) ?? openUdpClient(key, peer, dns.udp, clients)
    client.send(message, targets.dnsPort)
  })

  function dropEverything(): void {
    for (const socket of sockets) socket.resetAndDestroy()
    for (const client of clients.values()) client.close()
  }

  return {
    connectTo: [
      `shop.test:80=127.0.0.1:${portOf(http)}`,
      `shop.test:443=127.0.0.1:${portOf(https)}`,
      `ns.shop.test:53=127.0.0.1:${dns.port}`,
    ].join(','),
    setCut(wanted) {
      isCut = wanted
      if (isCut) dropEverything()
    },
    async stop() {
      isCut = true
      dropEverything()
      await Promise.all([close(http), close(https), closeBoth(dns)])
    },
  }
}

/**
 * Resets a client that has connected while the region is cut. Not before the client could notice
 * that it was connected: the error would then depend on who of the two was faster.
 */
function resetSoon(client: Socket, sockets: Set<Socket>): void {
  sockets.add(client)
  const reset = () => void client.resetAndDestroy()
  const timer = setTimeout(reset, CUT_RESET_MS)
  client.once('data', reset)
  client.on('error', reset)
  client.on('close', () => {
    clearTimeout(timer)
    sockets.delete(client)
  })
}

/** Passes bytes both ways until either side ends; an end or error of one is one of the other. */
function joinSockets(client: Socket, upstream: Socket, sockets: Set<Socket>): void {
  const sides = [
    [client, upstream],
    [upstream, client],
  ] as const
  for (const [side, other] of sides) {
    sockets.add(side)
    side.setTimeout(IDLE_MS, () => side.destroy())
    // The client must see that the shop refused or broke off, not an orderly end.
    side.on('error', () => other.resetAndDestroy())
    side.on('close', () => {
      sockets.delete(side)
      if (!other.writableEnded) other.destroy()
    })
    side.pipe(other)
  }
}

type UdpClient = { send(message: Buffer, port: number): void; close(): void }

/** One socket towards the name server for each client, so that answers find their way back. */
function openUdpClient(
  key: string,
  peer: RemoteInfo,
  gateway: UdpSocket,
  clients: Map<string, UdpClient>,
): UdpClient {
  const oldest = clients.size >= UDP_CLIENTS_MAX ? clients.values().next().value : undefined
  oldest?.close()

  const upstream = createSocket('udp4')
  const client: UdpClient = {
    send(message, port) {
      idle.refresh()
      upstream.send(message, port, '127.0.0.1', () => undefined)
    },
    close() {
      clearTimeout(idle)
      if (clients.delete(key)) upstream.close()
    },
  }
  const idle = setTimeout(client.close, UDP_IDLE_MS)
  upstream.on('error', client.close)
  upstream.on('message', (message) => {
    // A client that is gone gets no answer; datagrams promise nothing.
    gateway.send(message, peer.port, peer.address, () => undefined)
  })
  clients.set(key, client)
  return client
}

async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  // Half-open, so that a client that has said all still gets its answer.
  const server = createServer({ allowHalfOpen: true }, onConnection)
  server.maxConnections = CONNECTIONS_MAX
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}
