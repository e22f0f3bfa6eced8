import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import type { Clock } from '../../../base/clock.ts'
import { createFindingsRecorder } from '../../checks/record-findings.ts'
import { connectTo, type Endpoint } from '../../connect-to.ts'
import { publicAddresses } from '../../network/address-policy.ts'
import { createPhaseMeter } from '../../network/phase-meter.ts'
import {
  describeEndpoint,
  locate,
  openConnection,
  toCheckError,
} from '../../network/timed-connect.ts'
import type { PublicNetwork } from '../messages.ts'

/**
 * A browser resolves names and connects by itself, so no policy about addresses reaches it. In a region
 * that connects to public addresses only, everything of a run goes through this proxy: on the loopback
 * interface, in the journey's host, for one run. It looks names up and connects as network checks do,
 * and holds each address against the policy in the moment it is connected to.
 *
 * What is secured goes through untouched (CONNECT), WebSockets too; plain HTTP is handed on, over
 * connections that are kept. The hop is in the run's times.
 */
export type PolicyProxy = {
  /** `http://127.0.0.1:41234`. */
  server: string
  /**
   * Why no connection was made for an address, in words; undefined where one was made, or none was
   * wanted. A browser says of it only that its proxy did not do as it was told.
   */
  why(url: string): string | undefined
  /** A text about failed requests, with the reason where the browser's words hide it. */
  explain(text: string): string
  close(): Promise<void>
}

/** For looking up and connecting; the run's own limit mostly ends sooner. */
const CONNECT_MS_MAX = 30_000
/** Chromium opens six to a host; pages ask many hosts. */
const CONNECTIONS_MAX = 512
const SOCKETS_PER_HOST_MAX = 6
/** Endpoints whose failures are remembered. */
const REASONS_MAX = 200

/** RFC 9110 §7.6.1: what is about one connection only, and what is meant for a proxy. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What Chromium, and Playwright's own requests, say when this proxy made no connection. */
const HIDING =
  /net::ERR_(?:TUNNEL_CONNECTION_FAILED|EMPTY_RESPONSE|CONNECTION_CLOSED|CONNECTION_RESET)|socket hang up|read ECONNRESET|Proxy connection ended before receiving CONNECT response/

export async function startPolicyProxy(network: PublicNetwork, clock: Clock): Promise<PolicyProxy> {
  const reasons = new Map<string, string>()
  const closing = new AbortController()
  const sockets = new Set<Duplex>()
  const keep = <T extends Duplex>(socket: T): T => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Who pipes it sees the error as well; without a listener it would end the process.
    return socket.on('error', () => undefined)
  }

  async function open(endpoint: Endpoint): Promise<Socket> {
    const name = describeEndpoint(endpoint)
    try {
      const socket = keep(await connect(endpoint, { network, clock, closing: closing.signal }))
      reasons.delete(name)
      return socket
    } catch (error) {
      if (reasons.size < REASONS_MAX) reasons.set(name, toCheckError(error, name).message)
      throw error
    }
  }

  const agent = new PolicyAgent(open)
  const server = createServer((incoming, response) => forward(incoming, response, agent))
  server.maxConnections = CONNECTIONS_MAX
  server.requestTimeout = 0
  server.on('connection', keep)
  server.on('connect', (incoming, client, head) => tunnel(incoming, client, head, open))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const why = (url: string): string | undefined => {
    const endpoint = URL.canParse(url) ? endpointOf(new URL(url)) : undefined
    return endpoint && reasons.get(describeEndpoint(endpoint))
  }
  return {
    server: `http://127.0.0.1:${port}`,
    why,
    explain(text) {
      const urls = text.match(/\b(?:https?|wss?):\/\/[^\s"'“”)]+/g) ?? []
      const reason = urls.map(why).find((found) => found !== undefined)
      return reason === undefined ? text : text.replace(HIDING, reason)
    },
    async close() {
      const closed = once(server, 'close')
      closing.abort()
      server.close()
      agent.destroy()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

type ConnectParts = { network: PublicNetwork; clock: Clock; closing: AbortSignal }

/** @throws {CheckError} when it is not found, not allowed or not connected to. */
async function connect(
  endpoint: Endpoint,
  { network, clock, closing }: ConnectParts,
): Promise<Socket> {
  // A signal of its own: the socket obeys it for as long as it lives, and the limit is for connecting.
  const ending = new AbortController()
  const end = () => ending.abort()
  closing.addEventListener('abort', end)
  const limit = setTimeout(end, CONNECT_MS_MAX)
  try {
    const { findings } = createFindingsRecorder()
    const context = {
      clock,
      findings,
      signal: ending.signal,
      policy: publicAddresses,
      connectTo: connectTo(network.connectTo),
      nameServers: network.nameServers,
    }
    const parts = { context, meter: createPhaseMeter(context, CONNECT_MS_MAX) }
    return await openConnection(endpoint, await locate(endpoint, parts), parts)
  } finally {
    clearTimeout(limit)
    closing.removeEventListener('abort', end)
  }
}

/** Keeps connections to targets, as a browser without a proxy would. */
class PolicyAgent extends Agent {
  readonly #open: (endpoint: Endpoint) => Promise<Socket>

  constructor(open: (endpoint: Endpoint) => Promise<Socket>) {
    super({ keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX })
    this.#open = open
  }

  override createConnection(
    { host, port }: { host?: string | null | undefined; port?: number | string | null | undefined },
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open({ host: host ?? '', port: Number(port) }).then(
      (socket) => callback?.(null, socket),
      (error) => callback?.(error, undefined as never),
    )
  }
}

function tunnel(
  { url = '' }: IncomingMessage,
  client: Duplex,
  head: Buffer,
  open: (endpoint: Endpoint) => Promise<Socket>,
): void {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(url) ?? []
  if (port === undefined) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  open({ host: bracketed ?? plain, port: Number(port) }).then(
    (target) => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.write(head)
      // Each destroys both when one of them breaks; why is for the two ends to see.
      pipeline(target, client, () => undefined)
      pipeline(client, target, () => undefined)
    },
    // Playwright's own requests would take an answer of ours for the target's.
    () => client.destroy(),
  )
}

function forward(incoming: IncomingMessage, response: ServerResponse, agent: Agent): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined
  if (url?.protocol !== 'http:') return void response.writeHead(400).end()
  const { host, port } = endpointOf(url)
  const { method = 'GET' } = incoming
  const hasBody =
    incoming.headers['content-length'] !== undefined ||
    incoming.headers['transfer-encoding'] !== undefined
  const headers = endToEnd(incoming.rawHeaders)

  const send = (isRepeated: boolean) => {
    const path = url.pathname + url.search
    const outgoing = request({ agent, host, port, method, path, headers, setHost: false })
    outgoing.on('response', (answer) => {
      response.sendDate = false
      const { statusCode = 502, statusMessage } = answer
      response.writeHead(statusCode, statusMessage, endToEnd(answer.rawHeaders))
      pipeline(answer, response, () => undefined)
    })
    outgoing.on('error', () => {
      // The target closed a kept connection just then, which a browser takes for no answer either.
      const mayRepeat = outgoing.reusedSocket && !hasBody && !isRepeated && !response.headersSent
      if (mayRepeat) send(true)
      // Without an answer: one of ours would be shown, and taken for the target's.
      else response.destroy()
    })
    response.once('close', () => outgoing.destroy())
    if (hasBody) pipeline(incoming, outgoing, () => undefined)
    else outgoing.end()
  }
  send(false)
}

/** Names and values in turn, as they came. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2)
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

const PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
}

const endpointOf = ({ hostname, port, protocol }: URL): Endpoint => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: port === '' ? (PORTS[protocol] ?? 0) : Number(port),
})

/** Runs in pages. */
export function removePeerConnections(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection'])
    Reflect.deleteProperty(globalThis, name)
}
