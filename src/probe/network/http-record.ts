import type { RecordedExchange } from '../../protocol/exchange.ts'
import type { Phase } from '../../protocol/run.ts'
import { decodeReceived } from './decode-body.ts'
import { BODY_BYTES_MAX, type HttpAnswer } from './http-answer.ts'
import type { HttpRequest, HttpRequestParts } from './http-request.ts'
import { withoutSecrets } from './next-hop.ts'
import { redactRequest, redactResponse } from './redact-exchange.ts'

/** What came of one request, as far as it came. */
export type HopRecord = {
  request: HttpRequest
  /** Milliseconds after the attempt's start. */
  startMs: number
  /** To the end of the last phase. */
  ms: number
  phases: Phase[]
  address?: string
  answer?: HttpAnswer
}

type RecordParts = Pick<HttpRequestParts, 'context' | 'part'>

/** Writes an exchange down twice: in short for the run's waterfall, in full for when it fails. */
export function recordHop(record: HopRecord, { context: { findings }, part }: RecordParts): void {
  const { request, startMs, ms, phases, address, answer } = record
  const about = part === undefined ? {} : { part }
  findings.exchange({
    ...about,
    method: request.method,
    url: withoutSecrets(request.url),
    ...(answer && {
      status: answer.status,
      httpVersion: answer.httpVersion,
      bodyBytes: answer.received.reduce((sum, { length }) => sum + length, 0),
    }),
    ...(address !== undefined && { address }),
    startMs,
    ms,
    phases,
  })
  findings.evidence(() => inFull(request, answer, about))
}

function inFull(
  request: HttpRequest,
  answer: HttpAnswer | undefined,
  about: { part?: string },
): RecordedExchange {
  return {
    ...about,
    request: redactRequest(request),
    ...(answer && { response: redactResponse(answer, unpacked(answer), request) }),
  }
}

const unpacked = ({ received, headers }: HttpAnswer): Buffer | undefined =>
  decodeReceived(Buffer.concat(received), headers.get('content-encoding'), BODY_BYTES_MAX)
