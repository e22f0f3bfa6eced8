import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { toCheckError } from './timed-connect.ts'

/** Of one message, which is read as a whole. */
const MESSAGE_BYTES_MAX = 1024 * 1024
const FRAGMENTS_MAX = 1_000
const HEADER_BYTES_MAX = 64 * 1024

export type UpgradeRequest = {
  url: URL
  headers: Readonly<Record<string, string>>
  subprotocols: readonly string[]
}

export type UpgradeAnswer = {
  status: number
  /** By names in lower case. */
  headers: ReadonlyMap<string, string>
}

export type Upgraded = UpgradeAnswer & {
  /** Absent when the server did not upgrade. Nobody listens to it yet, so it is paused. */
  webSocket?: WebSocket
}

/**
 * Asks for the upgrade over a connection that is open already, as phase `upgrade`. Whoever gets the
 * WebSocket ends it; the connection is the caller's.
 *
 * @param onAnswer told of the answer as soon as its head is there; it may yet be an invalid one.
 * @throws {CheckError} `websocket.upgrade` for an answer that is no valid upgrade.
 */
export function upgradeToWebSocket(
  socket: Socket,
  request: UpgradeRequest,
  { meter, target }: { meter: PhaseMeter; target: string },
  onAnswer: (answer: UpgradeAnswer) => void,
): Promise<Upgraded> {
  const overdue = { type: 'timeout', what: `no answer to the upgrade from ${target}` } as const
  return meter.measure('upgrade', overdue, async () => {
    const { promise, resolve, reject } = Promise.withResolvers<Upgraded>()
    const webSocket = open(socket, request)
    let answer: UpgradeAnswer | undefined
    const take = (response: IncomingMessage) => {
      answer = answerOf(response)
      onAnswer(answer)
      return answer
    }
    // Later errors belong to whoever listens by then.
    webSocket.on('error', (error) => reject(explainUpgrade(error, answer, target)))
    webSocket.once('upgrade', take)
    webSocket.once('unexpected-response', (request, response) => {
      resolve(take(response))
      request.destroy()
    })
    webSocket.once('open', () => {
      webSocket.pause()
      if (answer) resolve({ ...answer, webSocket })
    })
    return promise
  })
}

function open(socket: Socket, { url, headers, subprotocols }: UpgradeRequest): WebSocket {
  return new WebSocket(url, [...new Set(subprotocols)], {
    // The connection is there; what is left is to speak.
    createConnection: () => socket,
    headers: { ...headers },
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MESSAGE_BYTES_MAX,
    maxFragments: FRAGMENTS_MAX,
    maxHeaderSize: HEADER_BYTES_MAX,
  })
}

const answerOf = ({ statusCode = 0, headersDistinct }: IncomingMessage): UpgradeAnswer => ({
  status: statusCode,
  headers: new Map(
    Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
  ),
})

function explainUpgrade(
  error: Error,
  answer: UpgradeAnswer | undefined,
  target: string,
): CheckError {
  // Without a code it is what `ws` says about an answer that came.
  if (answer === undefined || codeOf(error) !== undefined) return toCheckError(error, target)
  return new CheckError(
    'websocket.upgrade',
    `${target} answered the upgrade with ${answer.status}, but not as RFC 6455 wants it: ${messageOf(error)}`,
    { cause: error },
  )
}
