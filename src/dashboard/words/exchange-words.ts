import type { ExchangeBody } from '../../protocol/exchange.ts'
import type { ExchangeSummary } from '../../protocol/run.ts'
import { phaseWord } from './phase-words.ts'
import { bytesWords, shortTime } from './quantity.ts'

/** `HTTP 200`, `no answer`; empty for what has no status, such as an address. */
export const statusWords = ({ status }: Pick<ExchangeSummary, 'status'>): string =>
  status === undefined ? 'no answer' : `HTTP ${status}`

/** `name resolution 1.2 ms, connect 8.0 ms`. */
export const phaseListWords = (phases: ExchangeSummary['phases']): string =>
  phases.map(({ name, ms }) => `${phaseWord(name)} ${shortTime(ms)}`).join(', ')

/** Where each phase of an exchange lies, in shares of the whole run. */
export function phaseSegments(
  { startMs, phases }: Pick<ExchangeSummary, 'startMs' | 'phases'>,
  wholeMs: number,
): { name: string; left: number; width: number }[] {
  let at = startMs
  return phases.map(({ name, ms }) => {
    const left = Math.min(1, at / wholeMs)
    at += ms
    return { name, left, width: Math.min(1 - left, ms / wholeMs) }
  })
}

/** What time all exchanges span. */
export const exchangesMs = (exchanges: readonly ExchangeSummary[]): number =>
  Math.max(1, ...exchanges.map(({ startMs, ms }) => startMs + ms))

/** What there is of a body besides its text: `12.3 kB`, `64.0 kB kept of it`. */
export function bodyWords(body: ExchangeBody): string {
  if (body.bytes === 0) return 'empty'
  const whole = bytesWords(body.bytes)
  const kind = body.base64 !== undefined && body.text === undefined ? ', not text' : ''
  return `${whole}${kind}${body.isTruncated ? ', only its beginning is kept' : ''}`
}
