import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Socket } from 'node:net'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import {
  decodeHealthResponse,
  encodeHealthRequest,
  FRAME_HEADER_BYTES,
  GRPC_MESSAGE_BYTES_MAX,
  readGrpcFrame,
} from './grpc-message.ts'
import { grpcMessageText, grpcStatusName, grpcStatusOfHttp } from './grpc-status.ts'
import { cutOff, toExchangeError } from './http-answer.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { toCheckError } from './timed-connect.ts'

const HEADER_BYTES_MAX = 64 * 1024
const HEADERS_MAX = 200
const SETTINGS_MAX = 32
const SESSION_MEGABYTES_MAX = 4
const SHOWN_LENGTH_MAX = 200

export type HealthRequest = {
  /** `http://shop.test:50051`. */
  origin: string
  /** Empty: the whole server. */
  service: string
  headers: Readonly<Record<string, string>>
  timeoutMs: number
}

export type HealthAnswer = {
  httpStatus: number
  /** Name of the status: of gRPC, or what that of HTTP means when there is none. */
  grpcStatus: string
  /** What the server says about it. */
  grpcMessage: string
  /** Undefined unless the status is OK. */
  servingStatus: string | undefined
}

type ExchangeParts = { meter: PhaseMeter; target: string }

/**
 * Asks `grpc.health.v1.Health/Check` over a connection that is open already, as phase `firstByte`
 * until the answer's headers are there, and `download` after it.
 *
 * @throws {CheckError} `grpc.malformed`, `connect.reset` or `timeout`.
 */
export async function askForHealth(
  socket: Socket,
  request: HealthRequest,
  { meter, target }: ExchangeParts,
): Promise<HealthAnswer> {
  // Its end was told before anybody listened, and nothing would come any more.
  if (socket.destroyed) throw toExchangeError(socket.errored ?? cutOff(target), target)
  const session = connect(request.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: HEADER_BYTES_MAX },
    maxSessionMemory: SESSION_MEGABYTES_MAX,
    maxHeaderListPairs: HEADERS_MAX,
    maxSettings: SETTINGS_MAX,
  })
  const trouble: Trouble = { error: undefined, isGoodbye: false }
  session.on('error', (error) => {
    trouble.error ??= error
  })
  session.on('goaway', (_code, lastStream) => {
    trouble.isGoodbye = true
    // The one request of this connection will not be answered.
    if (lastStream === 0) session.destroy()
  })
  try {
    return await exchange(session, request, { meter, target })
  } catch (error) {
    throw explain(error, trouble, target)
  } finally {
    session.destroy()
  }
}

async function exchange(
  session: ClientHttp2Session,
  request: HealthRequest,
  { meter, target }: ExchangeParts,
): Promise<HealthAnswer> {
  const noHeaders = { type: 'timeout', what: `no answer from ${target}` } as const
  const answer = await meter.measure('firstByte', noHeaders, async () => {
    const answering = listen(ask(session, request))
    await answering.head
    return answering
  })
  const noEnd = { type: 'timeout', what: `the answer of ${target} did not end` } as const
  const { head, body, trailers } = await meter.measure('download', noEnd, answer.whole)
  return understand(head, body, trailers, target)
}

function ask(session: ClientHttp2Session, request: HealthRequest): ClientHttp2Stream {
  const { service, headers, timeoutMs } = request
  const stream = session.request(
    {
      ...headers,
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'grpc-timeout': `${Math.ceil(timeoutMs)}m`,
      te: 'trailers',
    },
    { endStream: false },
  )
  stream.end(encodeHealthRequest(service))
  return stream
}

type Headers = Readonly<Record<string, unknown>>
type Whole = { head: Headers; body: Buffer; trailers: Headers }

/** Collects an answer; what is too much for an answer ends it. */
function listen(stream: ClientHttp2Stream): {
  head: Promise<Headers>
  whole: () => Promise<Whole>
} {
  const head = Promise.withResolvers<Headers>()
  const end = Promise.withResolvers<void>()
  // Whichever is waited for gets the error; the other one tells nobody.
  end.promise.catch(() => undefined)
  const fail = (error: unknown) => {
    head.reject(error)
    end.reject(error)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  let trailers: Headers = {}
  stream.on('error', fail)
  stream.once('response', (headers) => head.resolve(headers))
  stream.once('trailers', (headers) => {
    trailers = headers
  })
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    chunks.push(chunk)
    const frame = readGrpcFrame(Buffer.concat(chunks, Math.min(bytes, FRAME_HEADER_BYTES)))
    if (frame.kind === 'malformed') fail(new MalformedError(frame.why))
    if (bytes > GRPC_MESSAGE_BYTES_MAX + FRAME_HEADER_BYTES)
      fail(new MalformedError(`more than ${GRPC_MESSAGE_BYTES_MAX / 1024} KiB came`))
  })
  stream.once('end', () => end.resolve())
  stream.once('close', () => fail(new StreamClosedError(stream.rstCode ?? 0)))
  const whole = async (): Promise<Whole> => {
    await end.promise
    return { head: await head.promise, body: Buffer.concat(chunks), trailers }
  }
  return { head: head.promise, whole }
}

class MalformedError extends Error {
  override readonly name = 'MalformedError'
}

/** A stream that was closed without an answer, or before its end. */
class StreamClosedError extends Error {
  override readonly name = 'StreamClosedError'

  constructor(rstCode: number) {
    super(`the request was ended with the HTTP/2 error code ${rstCode}`)
  }
}

function understand(head: Headers, body: Buffer, trailers: Headers, target: string): HealthAnswer {
  const httpStatus = Number(head[':status'] ?? 0)
  const code = trailers['grpc-status'] ?? head['grpc-status']
  const message = String(trailers['grpc-message'] ?? head['grpc-message'] ?? '')
  const grpcMessage = grpcMessageText(message).slice(0, SHOWN_LENGTH_MAX)
  if (code === undefined && httpStatus !== 200)
    return {
      httpStatus,
      grpcStatus: grpcStatusOfHttp(httpStatus),
      grpcMessage: `HTTP status ${httpStatus} without a grpc-status`,
      servingStatus: undefined,
    }
  if (code === undefined)
    throw malformed(target, 'it ended without a grpc-status: no trailers came')
  const grpcStatus = grpcStatusName(String(code))
  if (grpcStatus === undefined)
    throw malformed(target, `its grpc-status is no number: ${String(code).slice(0, 40)}`)
  const servingStatus = grpcStatus === 'OK' ? readServing(body, target) : undefined
  return { httpStatus, grpcStatus, grpcMessage, servingStatus }
}

function readServing(body: Buffer, target: string): string {
  const frame = readGrpcFrame(body)
  if (frame.kind === 'malformed') throw malformed(target, frame.why)
  if (frame.kind === 'incomplete')
    throw malformed(target, `its status is OK, but its message is not whole (${body.length} bytes)`)
  const status = decodeHealthResponse(frame.message)
  if (status === undefined) throw malformed(target, 'its message is no HealthCheckResponse')
  return status
}

const malformed = (target: string, why: string, cause?: unknown) =>
  new CheckError('grpc.malformed', `${target} did not answer as gRPC wants it: ${why}`, { cause })

type Trouble = { error: unknown; isGoodbye: boolean }

/** What the connection said counts more than what became of the request. */
function explain(error: unknown, { error: ofSession, isGoodbye }: Trouble, target: string): Error {
  if (error instanceof CheckError) return error
  if (error instanceof MalformedError) return malformed(target, error.message)
  const cause = ofSession ?? error
  const code = codeOf(cause) ?? ''
  const reset = (what: string) => new CheckError('connect.reset', `${target} ${what}`, { cause })
  if (isGoodbye) return reset('ended the HTTP/2 connection before its answer was complete (GOAWAY)')
  if (error instanceof StreamClosedError && ofSession === undefined)
    return reset(`broke off before its answer was complete: ${error.message}`)
  if (code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_STREAM_CANCEL')
    return reset(`broke off before its answer was complete: ${messageOf(cause)}`)
  if (code.startsWith('ERR_HTTP2_')) return malformed(target, messageOf(cause), cause)
  return toCheckError(cause, target)
}
