import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls'
import { rawTarget } from './http-target.ts'

/** What a server does when a client says something: answers, turns to TLS after it, or does as it likes. */
export type Turn =
  | string
  | Buffer
  | { say: string | Buffer; thenTls: true }
  | ((socket: Socket) => void)

export type TalkTarget = {
  port: number
  /** What the client said, line by line as it came. */
  heard: string[]
  /** What it said after the handshake. */
  heardSecretly: string[]
}

type TalkOptions = {
  /** Said first. */
  greeting?: Turn
  /** Said to the first, the second … thing that the client says. */
  answers?: readonly Turn[]
  /** Said after the handshake. */
  secretAnswers?: readonly Turn[]
  tls?: TlsOptions
  /** TLS from the first byte. */
  isSecure?: boolean
}

/** A server of a protocol in turns, which may turn to TLS; gone when the test is over. */
export async function talkTarget(options: TalkOptions): Promise<TalkTarget> {
  const { greeting, answers = [], secretAnswers = [], tls, isSecure = false } = options
  const target: TalkTarget = { port: 0, heard: [], heardSecretly: [] }
  const secure = (socket: Socket): TLSSocket => {
    const secureContext = createSecureContext(tls)
    const secured = new TLSSocket(socket, { isServer: true, secureContext })
    secured.on('error', () => secured.destroy())
    return secured
  }
  const turnToTls = (socket: Socket) => {
    socket.removeAllListeners('data')
    converse(secure(socket), secretAnswers, target.heardSecretly)
  }
  const take = (socket: Socket, turn: Turn | undefined) => {
    if (turn === undefined) return
    if (typeof turn === 'function') turn(socket)
    else if (typeof turn === 'string' || Buffer.isBuffer(turn)) socket.write(turn)
    else {
      socket.write(turn.say)
      turnToTls(socket)
    }
  }
  const converse = (socket: Socket, turns: readonly Turn[], heard: string[]) => {
    let next = 0
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk.toString('latin1').trimEnd())
      take(socket, turns[next++])
    })
  }
  const { port } = await rawTarget((socket) => {
    const talking = isSecure ? secure(socket) : socket
    converse(
      talking,
      isSecure ? secretAnswers : answers,
      isSecure ? target.heardSecretly : target.heard,
    )
    take(talking, greeting)
  })
  target.port = port
  return target
}
