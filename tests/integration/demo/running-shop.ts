import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import { decode, encode, type Packet, type Question, streamDecode, streamEncode } from 'dns-packet'
import { onTestFinished } from 'vitest'
import { createShop, type RunningShop } from '../../../src/demo/shop/shop.ts'
import { ConnectToVariable } from '../../../src/probe/connect-to.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const DEADLINE_MS = 5_000

/** A shop with two regions, stopped when the test is over. */
export async function startShop(): Promise<RunningShop & { stop(): Promise<void> }> {
  const shop = createShop({
    dataFolder: await tempFolder(),
    regions: ['eu-west', 'us-east'],
    clock: systemClock,
    logger: createLogger('shop', 'silent'),
  })
  onTestFinished(() => shop.stop())
  return { ...(await shop.start()), stop: shop.stop }
}

/** The port of a region's gateway for one of the shop's endpoints. */
export function gatewayPort(
  shop: RunningShop,
  regionId: string,
  host: string,
  port: number,
): number {
  const endpoint = ConnectToVariable.parse(shop.connectTo[regionId]).find(host, port)
  if (!endpoint) throw new Error(`${regionId} has no gateway for ${host}:${port}`)
  return endpoint.port
}

/** A visitor with a cookie jar; redirects are not followed, so that tests see them. */
export function aVisitor(origin: string) {
  let cookie = ''
  async function visit(path: string, init: RequestInit = {}) {
    const response = await fetch(new URL(path, origin), {
      signal: AbortSignal.timeout(DEADLINE_MS),
      redirect: 'manual',
      ...init,
      headers: { ...(cookie ? { cookie } : {}), ...init.headers },
    })
    cookie = response.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return {
    get: (path: string, init?: RequestInit) => visit(path, init),
    post: (path: string, form: Record<string, string>, init: RequestInit = {}) =>
      visit(path, { ...init, method: 'POST', body: new URLSearchParams(form) }),
  }
}

/** The certificate that a new connection gets, and what a client says about it. */
export async function presentedCertificate(
  shop: RunningShop,
  { port = shop.httpsPort, session }: { port?: number; session?: Buffer } = {},
): Promise<{ peer: PeerCertificate; problem: string | undefined; socket: TLSSocket }> {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'shop.test',
    ca: await readFile(shop.caFile, 'utf8'),
    rejectUnauthorized: false,
    ...(session ? { session } : {}),
  })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(DEADLINE_MS) })
  const problem = socket.authorizationError as unknown
  return {
    peer: socket.getPeerCertificate(),
    problem: problem ? String(problem) : undefined,
    socket,
  }
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

/** The answer code's name; `dns-packet` leaves it in the flags. */
export const rcodeOf = (packet: Packet) => RCODES[(packet.flags ?? 0) & 0xf]

export const aQuery = (question: Partial<Question>, more: Partial<Packet> = {}): Packet => ({
  type: 'query',
  id: 4_711,
  questions: [{ name: 'shop.test', type: 'A', class: 'IN', ...question }],
  ...more,
})

export async function askUdp(port: number, query: Packet, deadlineMs = DEADLINE_MS) {
  const socket = createSocket('udp4')
  try {
    socket.send(encode(query), port, '127.0.0.1')
    const [message] = await once(socket, 'message', { signal: AbortSignal.timeout(deadlineMs) })
    return decode(message as Buffer)
  } finally {
    socket.close()
  }
}

/** Sends all the queries in one write, and gives as many answers. */
export async function askTcp(port: number, ...queries: Packet[]): Promise<Packet[]> {
  const socket = connect({ host: '127.0.0.1', port })
  onTestFinished(() => void socket.destroy())
  socket.end(Buffer.concat(queries.map((query) => streamEncode(query))))
  let received = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
  })
  await once(socket, 'end', { signal: AbortSignal.timeout(DEADLINE_MS) })
  const answers: Packet[] = []
  while (received.length > 0) {
    answers.push(streamDecode(received))
    received = received.subarray(2 + received.readUInt16BE(0))
  }
  return answers
}
