import type { Readable } from 'node:stream'
import { codeOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { toCheckError } from './timed-connect.ts'

/** Of a body, as sent and as unpacked; pages are a tenth of this. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024
export const HEADER_BYTES_MAX = 64 * 1024

export type HeaderPairs = readonly (readonly [name: string, value: string])[]

export type HttpAnswer = {
  status: number
  /** `1.0`, `1.1` or `2`. */
  httpVersion: string
  headers: ReadonlyMap<string, string>
  /** As they came. */
  headerPairs: HeaderPairs
  /** What has come of the body so far, as sent. */
  received: readonly Buffer[]
  /** Reads the rest, as phase `download`. */
  readBody(): Promise<Buffer>
}

export type ExchangeOptions = {
  meter: PhaseMeter
  /** For messages: `shop.test:443`. */
  target: string
}

type Head = Pick<HttpAnswer, 'status' | 'httpVersion' | 'headerPairs'>

/** A body, and whether all of it was there when it ended. */
export type BodySource = { body: Readable; isWhole: () => boolean }

export function answerOf(head: Head, source: BodySource, options: ExchangeOptions): HttpAnswer {
  const received: Buffer[] = []
  return {
    ...head,
    headers: flatten(head.headerPairs),
    received,
    readBody: () => readBody(source, received, options),
  }
}

async function readBody(
  { body, isWhole }: BodySource,
  received: Buffer[],
  { meter, target }: ExchangeOptions,
): Promise<Buffer> {
  let bytes = 0
  const what = () => `no complete body from ${target} (${bytes} bytes so far)`
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  return meter.measure('download', { type: 'timeout', what }, (span) => {
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > BODY_BYTES_MAX) {
        reject(
          new CheckError(
            'http.too_large',
            `the body from ${target} is larger than the ${BODY_BYTES_MAX} bytes that are read`,
          ),
        )
        body.destroy()
      } else received.push(chunk)
    })
    body.on('end', () => {
      span.end()
      if (isWhole()) resolve(Buffer.concat(received))
      else reject(cutOff(target))
    })
    body.on('error', reject)
    // An error with its stack is only made where somebody will read it.
    body.on('close', () => {
      if (!body.readableEnded) reject(cutOff(target))
    })
    return promise
  })
}

export const cutOff = (target: string): CheckError =>
  new CheckError('connect.reset', `${target} closed the connection before its answer was complete`)

/** @param cause what the connection itself said, which explains why the answer ended early. */
export function toExchangeError(error: unknown, target: string, cause?: unknown): CheckError {
  if (!isEndedEarly(error)) return toCheckError(error, target)
  return cause === undefined || isEndedEarly(cause) ? cutOff(target) : toCheckError(cause, target)
}

/** Node's words for a connection that ended in order, only too early. */
const isEndedEarly = (error: unknown): boolean =>
  codeOf(error) === 'ECONNRESET' &&
  error instanceof Error &&
  /^(socket hang up|aborted)$/.test(error.message)

/** Lower-case names; the same header twice is one with a comma, as RFC 9110 §5.3 has it. */
function flatten(pairs: HeaderPairs): ReadonlyMap<string, string> {
  const flat = new Map<string, string>()
  for (const [name, value] of pairs) {
    const key = name.toLowerCase()
    const known = flat.get(key)
    flat.set(key, known === undefined ? value : `${known}, ${value}`)
  }
  return flat
}
