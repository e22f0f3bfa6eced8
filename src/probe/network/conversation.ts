import type { Socket } from 'node:net'
import { CheckError } from '../checks/check-runner.ts'

/** Of all that a server says before TLS, or in a short talk; a greeting is a hundredth of it. */
const BYTES_MAX = 64 * 1024
const SHOWN_LENGTH_MAX = 200

/** Where a message ends in what has come; undefined when more must come. */
export type EndOf = (received: Buffer) => number | undefined

/** A talk in turns with a server, as protocols begin it. Each read waits for one whole message. */
export type Conversation = {
  send(message: string | Buffer): void
  /** @throws {CheckError} when the server closes, or says more than it may. */
  read(endOf: EndOf): Promise<Buffer>
  /** One line, without its end. */
  readLine(): Promise<string>
  /** What came so far, for people. */
  heard(): string
  /** Ends the talk; the socket is left as it is, for TLS or to be closed. Gives what nobody read. */
  release(): Buffer
}

export type ConversationOptions = {
  /** For messages: `mail.test:25`. */
  target: string
  /** What it means when the server says too much. */
  fail(words: string): CheckError
}

const LINE_FEED = 0x0a

/** Reads what comes in whatever pieces it comes; the deadline is whoever's that waits. */
export function converse(socket: Socket, { target, fail }: ConversationOptions): Conversation {
  let unread: Buffer = Buffer.alloc(0)
  let bytes = 0
  let last = ''
  let ended: Error | undefined
  let wake: (() => void) | undefined
  let isReleased = false

  const onData = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > BYTES_MAX) {
      ended ??= fail(
        `${target} says more than ${BYTES_MAX} bytes, beginning with "${showText(last || unread)}"`,
      )
      // What nobody will read must not pile up.
      socket.destroy()
    } else unread = Buffer.concat([unread, chunk])
    wake?.()
  }
  const onEnd = () => {
    const said =
      last === '' && unread.length === 0
        ? ''
        : ` after "${showText(unread.length > 0 ? unread : last)}"`
    ended ??= new CheckError('connect.reset', `${target} closed the connection${said}`)
    wake?.()
  }
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.on('close', onEnd)

  const read = async (endOf: EndOf): Promise<Buffer> => {
    for (;;) {
      const end = endOf(unread)
      if (end !== undefined) {
        const message = unread.subarray(0, end)
        unread = unread.subarray(end)
        last = showText(message)
        return message
      }
      if (ended) throw ended
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    send: (message) => void socket.write(message),
    read,
    readLine: async () => {
      const line = await read((received) => {
        const end = received.indexOf(LINE_FEED)
        return end < 0 ? undefined : end + 1
      })
      return line.toString('utf8').replace(/\r?\n$/, '')
    },
    heard: () =>
      unread.length > 0
        ? `it said "${showText(unread)}"`
        : last === ''
          ? 'it said nothing'
          : `the last that it said was "${last}"`,
    release: () => {
      socket.off('data', onData)
      socket.off('end', onEnd)
      socket.off('close', onEnd)
      // Once only: later the socket may be somebody else's, who reads it.
      if (!isReleased) socket.pause()
      isReleased = true
      return unread
    },
  }
}

/** Text of others, on one line and not too long. */
export function showText(text: Buffer | string): string {
  const line = (typeof text === 'string' ? text : text.subarray(0, 4 * SHOWN_LENGTH_MAX).toString())
    .replace(/\s+/g, ' ')
    .trim()
  return line.length <= SHOWN_LENGTH_MAX ? line : `${line.slice(0, SHOWN_LENGTH_MAX)}…`
}
