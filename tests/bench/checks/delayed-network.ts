import { execFile } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { startCommand } from '../child-processes.ts'

/**
 * A network of our own, a tunnel from this machine into a namespace, in which the opening of a TCP
 * connection takes as long as it is told. Nothing else can delay it: the kernel answers a SYN at once.
 *
 *     client ── tunnel ── this process: waits with each SYN ── tunnel ── namespace ── server
 */

const run = promisify(execFile)
const SPACE = 'firewatch-bench'
const HERE_DEVICE = 'fwbench0'
const THERE_DEVICE = 'fwbench1'
const HERE_ADDRESS = '10.231.7.1/30'
const THERE_ADDRESS = '10.231.7.2/30'
export const TARGET_HOST = '10.231.7.2'
const TARGET_PORT = 8080
const LOOK_EVERY_MS = 50
const START_MS_MAX = 10_000

export type DelayedNetwork = {
  url: string
  delayNextMs(ms: number): void
  /** From the SYN's arrival until its answer left, of the last connection. */
  truthMs(): number | undefined
  stop(): Promise<void>
}

/** Why it cannot be made here; undefined when it can. */
export async function delayedNetworkProblem(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'a tunnel into a namespace can only be made by root'
  if (!existsSync('/dev/net/tun')) return 'this machine has no /dev/net/tun'
  for (const [tool, option] of [
    ['socat', '-V'],
    ['ip', '-V'],
  ] as const) {
    try {
      await run(tool, [option])
    } catch {
      try {
        const name = tool === 'ip' ? 'iproute2' : tool
        await run('apt-get', ['install', '-y', '--no-install-recommends', name], {
          timeout: 120_000,
        })
      } catch {
        return `${tool} is not installed, and cannot be`
      }
    }
  }
  return undefined
}

const TCP = 6
const SYN = 0x02
const ACK = 0x10

/** The flags of a TCP segment in an IPv4 packet; undefined for anything else. */
function tcpFlags(packet: Buffer): number | undefined {
  if ((packet[0] ?? 0) >> 4 !== 4 || packet[9] !== TCP) return undefined
  return packet[((packet[0] ?? 0) & 0x0f) * 4 + 13]
}

export async function startDelayedNetwork(): Promise<DelayedNetwork> {
  await removeSpace()
  const [here, there] = [await bind(), await bind()]
  const [hereEnd, thereEnd] = [await freePort(), await freePort()]
  const tunnel = (device: string, end: number, socket: Socket, address = '') =>
    startCommand('socat', [
      `TUN${address && `:${address}`},tun-name=${device},iff-no-pi${address && ',iff-up'}`,
      `UDP4-DATAGRAM:127.0.0.1:${socket.address().port},bind=127.0.0.1:${end}`,
    ])
  const hereTunnel = tunnel(HERE_DEVICE, hereEnd, here, HERE_ADDRESS)
  const thereTunnel = tunnel(THERE_DEVICE, thereEnd, there)
  await Promise.all([untilDevice(HERE_DEVICE), untilDevice(THERE_DEVICE)])
  await run('ip', ['netns', 'add', SPACE])
  await run('ip', ['link', 'set', THERE_DEVICE, 'netns', SPACE])
  await run('ip', ['-n', SPACE, 'addr', 'add', THERE_ADDRESS, 'dev', THERE_DEVICE])
  await run('ip', ['-n', SPACE, 'link', 'set', THERE_DEVICE, 'up'])

  let delayMs = 0
  let askedAt: number | undefined
  let truthMs: number | undefined
  here.on('message', (packet) => {
    if (((tcpFlags(packet) ?? 0) & (SYN | ACK)) !== SYN)
      return there.send(packet, thereEnd, '127.0.0.1')
    askedAt = performance.now()
    setTimeout(() => there.send(packet, thereEnd, '127.0.0.1'), delayMs)
  })
  there.on('message', (packet) => {
    here.send(packet, hereEnd, '127.0.0.1')
    if (((tcpFlags(packet) ?? 0) & (SYN | ACK)) === (SYN | ACK) && askedAt !== undefined)
      truthMs = performance.now() - askedAt
  })
  const server = startCommand('ip', ['netns', 'exec', SPACE, process.execPath, '-e', SERVER])
  return {
    url: `http://${TARGET_HOST}:${TARGET_PORT}/`,
    delayNextMs(ms) {
      delayMs = ms
    },
    truthMs: () => truthMs,
    async stop() {
      for (const child of [server, hereTunnel, thereTunnel]) child.kill('SIGKILL')
      for (const socket of [here, there]) socket.close()
      await removeSpace()
    },
  }
}

const SERVER = `require('node:http').createServer({ keepAlive: false }, (_, response) => response.end('Featured lamps')).listen(${TARGET_PORT}, '${TARGET_HOST}')`

async function removeSpace(): Promise<void> {
  await run('ip', ['netns', 'delete', SPACE]).catch(() => undefined)
}

async function untilDevice(device: string): Promise<void> {
  const deadline = performance.now() + START_MS_MAX
  while (!existsSync(`/sys/class/net/${device}`)) {
    if (performance.now() > deadline) throw new Error(`the tunnel ${device} did not come up`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()))
  return socket
}

async function freePort(): Promise<number> {
  const socket = await bind()
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}
