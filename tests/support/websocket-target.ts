import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { rawTarget } from './http-target.ts'

/** A frame from a server, or of any other make. */
export function frame(opcode: number, payload: string | Buffer, firstBits = 0x80): Buffer {
  const body = Buffer.from(payload as string)
  const head = body.length < 126 ? Buffer.from([0, body.length]) : Buffer.from([0, 126, 0, 0])
  if (body.length >= 126) head.writeUInt16BE(body.length, 2)
  head[0] = firstBits | opcode
  return Buffer.concat([head, body])
}

export const TEXT = 1
export const CLOSE = 8

export type UpgradeTarget = { port: number; asked: string[] }

type Behaviour = {
  /** The answer to the upgrade; a good one when absent. */
  answer?: string
  /** Further headers of a good answer. */
  headers?: string
  /** Said after the answer. */
  afterwards?: (socket: Socket) => void
  /** Said when a frame came. */
  onFrame?: (socket: Socket) => void
}

/** A server that upgrades by hand, and then says whatever a test wants. */
export async function upgradeTarget(behaviour: Behaviour = {}): Promise<UpgradeTarget> {
  const { answer, headers = '', afterwards, onFrame } = behaviour
  const asked: string[] = []
  const { port } = await rawTarget((socket) => {
    socket.once('data', (data: Buffer) => {
      const request = data.toString()
      asked.push(request)
      socket.write(answer ?? `${goodAnswer(request)}${headers}\r\n`)
      socket.on('data', () => onFrame?.(socket))
      afterwards?.(socket)
    })
  })
  return { port, asked }
}

function goodAnswer(request: string): string {
  const key = /^sec-websocket-key: (\S+)/im.exec(request)?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: upgrade',
    `sec-websocket-accept: ${accept.digest('base64')}`,
    '',
  ].join('\r\n')
}
