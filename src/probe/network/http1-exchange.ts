import { type ClientRequest, type IncomingMessage, request as startRequest } from 'node:http'
import type { Socket } from 'node:net'
import { CheckError } from '../checks/check-runner.ts'
import {
  answerOf,
  cutOff,
  type ExchangeOptions,
  HEADER_BYTES_MAX,
  type HeaderPairs,
  type HttpAnswer,
  toExchangeError,
} from './http-answer.ts'
import type { HttpRequest } from './http-request.ts'
import { letGoWhenClosed } from './let-go.ts'

export type Http1Options = ExchangeOptions & {
  /** The connection ends at a proxy: it wants the whole address, and these headers. */
  forProxy?: Readonly<Record<string, string>> | undefined
}

/**
 * Sends one request by HTTP/1.1 over a connection that is open already, and reads the answer's head
 * as phases `firstByte` and `download`. The connection is used for nothing else; `use` must read
 * what it wants before it returns.
 */
export async function exchangeByHttp1<T>(
  socket: Socket,
  request: HttpRequest,
  options: Http1Options,
  use: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const { target } = options
  // Its end was told before anybody listened, and nothing would come any more.
  if (socket.destroyed) throw toExchangeError(socket.errored ?? cutOff(target), target)
  const asking = prepare(socket, request, options)
  letGoWhenClosed(asking)
  let cause: unknown
  asking.on('error', (error) => {
    cause ??= error
  })
  try {
    return await use(await readHead(asking, socket, request, options))
  } catch (error) {
    throw toExchangeError(error, target, cause)
  } finally {
    asking.destroy()
    socket.destroy()
  }
}

function prepare(socket: Socket, request: HttpRequest, { forProxy }: Http1Options): ClientRequest {
  const { url, method, headers } = request
  const path = `${url.pathname}${url.search}`
  return startRequest({
    // The connection is there; what is left is to speak.
    createConnection: () => socket,
    path: forProxy ? `${url.origin}${path}` : path,
    method,
    setHost: false,
    headers: {
      host: url.host,
      connection: 'keep-alive',
      ...lengthHeader(request),
      ...headers,
      ...forProxy,
    },
    maxHeaderSize: HEADER_BYTES_MAX,
  })
}

/** Methods whose requests have a body; without one they say so. RFC 9110 §8.6. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

export function lengthHeader({ method, headers, body }: HttpRequest): Record<string, string> {
  if ('transfer-encoding' in headers) return {}
  if (body !== undefined) return { 'content-length': String(Buffer.byteLength(body)) }
  return WITH_BODY.has(method) ? { 'content-length': '0' } : {}
}

async function readHead(
  asking: ClientRequest,
  socket: Socket,
  { body }: HttpRequest,
  options: Http1Options,
): Promise<HttpAnswer> {
  const { meter, target } = options
  const { promise: answering, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // Whoever waits for it hears of a failure; after the deadline nobody does.
  answering.catch(() => undefined)
  asking.on('error', reject)
  asking.once('response', resolve)
  asking.once('upgrade', () =>
    reject(
      new CheckError(
        'http.malformed',
        `${target} did not answer: it switched to another protocol, which nobody asked for`,
      ),
    ),
  )
  const ready = new Promise<void>((done) => asking.once('socket', () => done()))
  await Promise.race([ready, answering])
  // In front of the parser, which is done with the head before others hear of it.
  const noByte = { type: 'timeout', what: `no first byte from ${target}` } as const
  await meter.measure('firstByte', noByte, (span) => {
    const firstByte = new Promise<void>((done) => {
      socket.prependOnceListener('data', () => {
        span.end()
        done()
      })
    })
    asking.end(body)
    // The request is with the system: what comes now is the target's time.
    span.begin()
    return Promise.race([firstByte, answering]).then(() => undefined)
  })
  const noHead = { type: 'timeout', what: `no complete headers from ${target}` } as const
  const answer = await meter.measure('download', noHead, () => answering)
  return readAnswer(answer, options)
}

function readAnswer(answer: IncomingMessage, options: Http1Options): HttpAnswer {
  const { statusCode: status = 0, httpVersion, rawHeaders } = answer
  // Bodies that are not wanted are destroyed unread, which they report as an error.
  answer.on('error', () => undefined)
  letGoWhenClosed(answer)
  if (status < 100)
    throw new CheckError(
      'http.malformed',
      `${options.target} did not answer with valid HTTP: its status is ${String(status).padStart(3, '0')}`,
    )
  const head = { status, httpVersion, headerPairs: inPairs(rawHeaders) }
  return answerOf(head, { body: answer, isWhole: () => answer.complete }, options)
}

function inPairs(raw: readonly string[]): HeaderPairs {
  const pairs: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return pairs
}
