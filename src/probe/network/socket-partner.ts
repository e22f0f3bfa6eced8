import type { Socket } from 'node:net'
import { codeOf, messageOf } from '../../base/app-error.ts'
import type { Partner } from './dialogue.ts'
import { createInbox } from './inbox.ts'

/** A dialogue over a plain or a secured connection: bytes, read as UTF-8. */
export function socketPartner(socket: Socket): Partner {
  const inbox = createInbox('stream')
  const decoder = new TextDecoder()
  const closed = () => {
    inbox.arrive(decoder.decode())
    inbox.end('the connection closed')
  }
  socket.on('data', (chunk: Buffer) => {
    inbox.arrive(decoder.decode(chunk, { stream: true }))
    if (inbox.isFull) socket.pause()
  })
  socket.on('end', closed)
  socket.on('error', (error) => inbox.end(describeBreak(error)))
  socket.on('close', closed)
  // It may have broken before anybody listened.
  if (socket.destroyed) closed()
  return {
    inbox,
    endedType: 'dialogue',
    resume: () => void socket.resume(),
    send(content) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      if (socket.writable) socket.write(content, (error) => (error ? reject(error) : resolve()))
      else reject(new Error('the connection is closed'))
      return promise
    },
  }
}

const describeBreak = (error: Error): string =>
  codeOf(error) === 'ECONNRESET'
    ? 'the connection was reset'
    : `the connection broke (${messageOf(error)})`
