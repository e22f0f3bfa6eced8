import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2'
import type { Socket } from 'node:net'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import {
  answerOf,
  BODY_BYTES_MAX,
  cutOff,
  type ExchangeOptions,
  HEADER_BYTES_MAX,
  type HeaderPairs,
  type HttpAnswer,
  toExchangeError,
} from './http-answer.ts'
import type { HttpRequest } from './http-request.ts'
import { lengthHeader } from './http1-exchange.ts'

const SESSION_MEGABYTES_MAX = 8
const HEADERS_MAX = 1_000
/** Settings of one frame; there are seven. */
const SETTINGS_MAX = 32

/**
 * The same as `exchangeByHttp1` by HTTP/2. The first byte is the first of the answer's HEADERS, as
 * they are whole; everything else that a server says first is about the connection.
 */
export async function exchangeByHttp2<T>(
  socket: Socket,
  request: HttpRequest,
  options: ExchangeOptions,
  use: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const { target } = options
  // Its end was told before anybody listened, and nothing would come any more.
  if (socket.destroyed) throw toExchangeError(socket.errored ?? cutOff(target), target)
  const session = connect(request.url.origin, {
    createConnection: () => socket,
    // As wide as browsers have it, so that the window does not make a body slow.
    settings: {
      enablePush: false,
      initialWindowSize: BODY_BYTES_MAX,
      maxHeaderListSize: HEADER_BYTES_MAX,
    },
    maxSessionMemory: SESSION_MEGABYTES_MAX,
    maxHeaderListPairs: HEADERS_MAX,
    maxSettings: SETTINGS_MAX,
  })
  const troubles: Trouble = { session: undefined, goodbye: undefined }
  session.on('error', (error) => {
    troubles.session ??= error
  })
  session.on('goaway', (code) => {
    troubles.goodbye ??= code
  })
  try {
    return await use(await readHead(session, request, options))
  } catch (error) {
    throw explain(error, troubles, target)
  } finally {
    session.destroy()
    socket.destroy()
  }
}

async function readHead(
  session: ClientHttp2Session,
  request: HttpRequest,
  options: ExchangeOptions,
): Promise<HttpAnswer> {
  const { meter, target } = options
  const noByte = { type: 'timeout', what: `no first byte from ${target}` } as const
  return meter.measure('firstByte', noByte, async (span) => {
    session.setLocalWindowSize(2 * BODY_BYTES_MAX)
    const stream = session.request(headersOf(request), { endStream: request.body === undefined })
    stream.once('response', span.end)
    const isWhole = watchEnd(stream)
    if (request.body !== undefined) stream.end(request.body)
    const [headers, headerPairs] = await answering(stream)
    const head = { status: headers[':status'] ?? 0, httpVersion: '2', headerPairs }
    return answerOf(head, { body: stream, isWhole }, options)
  })
}

/**
 * Whether the server has said that its answer ends. Node ends a stream in the same way when it, or
 * its connection, is only closed; but then it is `closed` before it ends.
 */
function watchEnd(stream: ClientHttp2Stream): () => boolean {
  let hasEnded = false
  const push = stream.push.bind(stream)
  stream.push = (chunk, encoding) => {
    if (chunk === null && !stream.closed) hasEnded = true
    return push(chunk, encoding)
  }
  return () => hasEnded || stream.endAfterHeaders
}

type Head = [headers: IncomingHttpHeaders & IncomingHttpStatusHeader, pairs: HeaderPairs]

function answering(stream: ClientHttp2Stream): Promise<Head> {
  const { promise, resolve, reject } = Promise.withResolvers<Head>()
  // A stream that ends for another reason than ours has an error, or only a code.
  stream.on('error', reject)
  stream.on('close', () => reject(new StreamClosed(stream.rstCode)))
  stream.once('response', (headers, _flags, raw) => {
    resolve([headers, inPairs(raw as readonly string[])])
  })
  return promise
}

/** A stream that was closed without an answer, or before its end. */
class StreamClosed extends Error {
  override readonly name = 'StreamClosed'
  readonly code = 'ERR_HTTP2_STREAM_ERROR'

  constructor(rstCode: number) {
    super(`stream closed with error code ${nameOf(rstCode)}`)
  }
}

/** Of one connection, and never sent by HTTP/2. RFC 9113 §8.2.2. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

function headersOf(request: HttpRequest): Record<string, string> {
  const { url, method, headers } = request
  const sent = Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name))
  return {
    ':method': method,
    ':scheme': url.protocol.slice(0, -1),
    ':authority': headers.host ?? url.host,
    ':path': `${url.pathname}${url.search}`,
    ...lengthHeader(request),
    ...Object.fromEntries(sent),
  }
}

function inPairs(raw: readonly string[]): HeaderPairs {
  const pairs: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2)
    if (!raw[i]?.startsWith(':')) pairs.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return pairs
}

type Trouble = { session: unknown; goodbye: number | undefined }

/** What went wrong, in words: what the connection said counts more than what became of the stream. */
function explain(error: unknown, { session, goodbye }: Trouble, target: string): CheckError {
  if (error instanceof CheckError) return error
  const cause = session ?? error
  const code = codeOf(cause) ?? ''
  if (goodbye !== undefined)
    return new CheckError(
      'connect.reset',
      `${target} ended the HTTP/2 connection before its answer was complete (GOAWAY, ${nameOf(goodbye)})`,
      { cause },
    )
  if (!code.startsWith('ERR_HTTP2_')) return toExchangeError(cause, target)
  const words = messageOf(cause).replace('NGHTTP2_', '')
  if (/ENHANCE_YOUR_CALM/.test(words) || code === 'ERR_HTTP2_HEADERS_OVERFLOW')
    return new CheckError(
      'http.too_large',
      `the headers of ${target} are larger than the probe reads`,
      { cause },
    )
  // Ours, when what came breaks the rules of HTTP; every other code is the server's.
  const isOurs = /PROTOCOL_ERROR/.test(words)
  if (!isOurs && (code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_STREAM_CANCEL'))
    return new CheckError(
      'connect.reset',
      `${target} ended the request before its answer was complete: ${words}`,
      { cause },
    )
  return new CheckError('http.malformed', `${target} did not answer with valid HTTP/2: ${words}`, {
    cause,
  })
}

/** By number. RFC 9113 §7. */
const NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]

const nameOf = (code: number): string => NAMES[code] ?? String(code)
