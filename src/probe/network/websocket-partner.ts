import type { RawData, WebSocket } from 'ws'
import { messageOf } from '../../base/app-error.ts'
import type { Partner } from './dialogue.ts'
import { createInbox } from './inbox.ts'

/** A dialogue in messages; bytes are read as UTF-8. */
export function webSocketPartner(webSocket: WebSocket): Partner {
  const inbox = createInbox('messages')
  webSocket.on('message', (data) => {
    inbox.arrive(textOf(data))
    if (inbox.isFull) webSocket.pause()
  })
  webSocket.on('error', (error) => inbox.end(`it broke the protocol (${messageOf(error)})`))
  webSocket.on('close', (code, reason) => inbox.end(describeClose(code, reason)))
  webSocket.resume()
  return {
    inbox,
    endedType: 'websocket.closed',
    resume: () => webSocket.resume(),
    send(content) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      webSocket.send(content, (error) => (error ? reject(error) : resolve()))
      return promise
    },
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString()
}

/** Codes that no server sends: RFC 6455 §7.4.1. */
const NO_STATUS = 1005
const ABNORMAL = 1006
const REASON_LENGTH_MAX = 100

function describeClose(code: number, reason: Buffer): string {
  if (code === ABNORMAL) return 'the connection closed without a closing frame'
  if (code === NO_STATUS) return 'it closed the WebSocket without a code'
  const words = reason.toString().slice(0, REASON_LENGTH_MAX)
  return `it closed the WebSocket (${words === '' ? code : `${code} ${words}`})`
}
