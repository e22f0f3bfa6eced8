import { stripVTControlCharacters } from 'node:util'
import { messageOf } from '../../../base/app-error.ts'
import { clip } from '../messages.ts'

/** Lines of Playwright's call log that are kept: the rest repeats them. */
const CALL_LOG_LINES_MAX = 6
const ERROR_LENGTH_MAX = 2_000

/** What the page's main document answered, when that was no success. */
export type DocumentTrouble = { url: string } & ({ status: number } | { failure: string })

/** The text of anything thrown, for a person: no colours, Playwright's call log cut short. */
export function describeError(thrown: unknown): string {
  const text = stripVTControlCharacters(messageOf(thrown)).trim()
  const [head = '', callLog] = text.split(/\n+Call log:\n/)
  if (callLog === undefined) return clip(text, ERROR_LENGTH_MAX)
  const lines = callLog.split('\n').filter((line) => line.trim() !== '')
  const kept = [...new Set(lines)].slice(0, CALL_LOG_LINES_MAX)
  return clip([head, 'Call log:', ...kept].join('\n'), ERROR_LENGTH_MAX)
}

/**
 * Puts first what the page's document answered: `HTTP 502 from http://shop.test/checkout; then: …`.
 * A missing button is what the journey saw; the 502 is why.
 */
export function withDocumentTrouble(message: string, trouble: DocumentTrouble | undefined): string {
  if (!trouble) return message
  const what =
    'status' in trouble
      ? `HTTP ${trouble.status} from ${trouble.url}`
      : `${trouble.failure} at ${trouble.url}`
  // Playwright's own message already names a navigation that failed.
  if ('failure' in trouble && message.includes(trouble.failure)) return message
  return `${what}; then: ${message}`
}

/** Lines that a browser which does not start gets to say: the library that is missing is in one. */
const BROWSER_LINES_MAX = 5

/** Why a browser did not start, in its own words, without the command line and Playwright's advice. */
export function describeLaunchError(thrown: unknown): string {
  const text = stripVTControlCharacters(messageOf(thrown))
  const said = [...text.matchAll(/\[err\] (.+)/g)].map((match) => match[1] ?? '')
  const lines = [...new Set(said)].slice(0, BROWSER_LINES_MAX)
  const first = text.split('\n')[0] ?? ''
  return clip(`the browser does not start: ${lines.join(' / ') || first}`, ERROR_LENGTH_MAX)
}

/** What a call that never came back was waiting for, out of the error that its abort gives. */
export function waitingFor(thrown: unknown): string | undefined {
  const text = stripVTControlCharacters(messageOf(thrown))
  const line = /^(?:\s*- )?((?:waiting for|navigating to) .+)$/m.exec(text)?.[1]
  return line?.trim()
}

/** A page's address without its query, where tokens and search words are. */
export function withoutQuery(url: string): string {
  return clip(url.replace(/[?#].*$/s, ''), 2_000)
}
