import { messageOf } from '../../base/app-error.ts'
import { PATTERN_MS_MAX } from '../../protocol/judge-expectations.ts'
import type { Capture } from '../../protocol/kinds/api.ts'
import { isCredentialName } from '../network/credential-names.ts'
import type { HttpResponse } from '../network/http-request.ts'
import { CheckError, type Findings } from './check-runner.ts'
import type { AnswerReaders } from './observe-answer.ts'
import { describeBody } from './read-json.ts'
import { PATTERN_INPUT_MAX, type TimeBox } from './time-box.ts'

/** Longest value that is carried to the next request. */
const CAPTURED_LENGTH_MAX = 64 * 1024
const SHOWN_LENGTH_MAX = 80

type Source = {
  response: Pick<HttpResponse, 'status' | 'headers'>
  readers: AnswerReaders
  timeBox: TimeBox
}

/**
 * Takes values out of an answer, by name. What is or looks like a credential is masked from then on.
 *
 * @throws {CheckError} `http.capture` for one that is not there, saying what is.
 */
export function captureValues(
  captures: Readonly<Record<string, Capture>>,
  source: Source,
  findings: Pick<Findings, 'secret'>,
): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, capture] of Object.entries(captures)) {
    const value = captureValue(name, capture, source)
    if (capture.isSecret ?? isCredential(name, capture)) findings.secret(name, value)
    values.set(name, value)
  }
  return values
}

/** Unless the check says what it is: better one value too many masked than one too few. */
const isCredential = (name: string, { from, key = '' }: Capture): boolean =>
  isCredentialName(name) || ((from === 'header' || from === 'json') && isCredentialName(key))

function captureValue(name: string, capture: Capture, source: Source): string {
  const { timeBox, response } = source
  const fail = (instead: string) =>
    new CheckError(
      'http.capture',
      `no value for {{${name}}}: ${instead} (the answer had status ${response.status})`,
    )
  const found = find(capture, source, fail)
  const { matches } = capture
  const value = matches === undefined ? found : extract(matches, found, timeBox, fail)
  if (value === undefined)
    throw fail(`/${matches}/ is nowhere in ${describe(capture)} "${shorten(found)}"`)
  if (value === '') throw fail(`${describe(capture)} is empty`)
  if (value.length > CAPTURED_LENGTH_MAX)
    throw fail(`${describe(capture)} has ${value.length} characters, more than are carried along`)
  return value
}

function find(capture: Capture, source: Source, fail: (instead: string) => CheckError): string {
  const { from, key = '' } = capture
  const { response, readers, timeBox } = source
  const body = () => describeBody(readers.text(), response.headers.get('content-type'))
  switch (from) {
    case 'body':
      return readers.text()
    case 'header': {
      const value = response.headers.get(key.toLowerCase())
      if (value === undefined) throw fail(`there is no header ${key}`)
      return value
    }
    case 'json':
    case 'select': {
      const look = () => (from === 'json' ? readers.json.find(key) : readers.markup.find(key))[0]
      const found = runBoxed(timeBox, look, fail)
      if (found !== undefined) return String(found)
      const instead = from === 'json' ? readers.json.describe() : `the body (${body()})`
      throw fail(`${key} finds nothing in ${instead}`)
    }
  }
}

function extract(
  pattern: string,
  text: string,
  timeBox: TimeBox,
  fail: (instead: string) => CheckError,
): string | undefined {
  const match = timeBox.run(() => new RegExp(pattern, 'u').exec(text.slice(0, PATTERN_INPUT_MAX)))
  if (!match) throw fail(`the search for /${pattern}/ was ended after ${PATTERN_MS_MAX} ms`)
  return match.value ? (match.value[1] ?? match.value[0]) : undefined
}

function runBoxed<T>(timeBox: TimeBox, work: () => T, fail: (instead: string) => CheckError): T {
  let done: { value: T } | undefined
  try {
    done = timeBox.run(work)
  } catch (error) {
    throw fail(messageOf(error))
  }
  if (!done) throw fail(`nothing was found within ${PATTERN_MS_MAX} ms, when the search was ended`)
  return done.value
}

function describe({ from, key }: Capture): string {
  if (from === 'body') return 'the body'
  return from === 'header' ? `the header ${key}` : `what ${key} found`
}

function shorten(text: string): string {
  const line = text
    .slice(0, SHOWN_LENGTH_MAX * 2)
    .replace(/\s+/g, ' ')
    .trim()
  return line.length <= SHOWN_LENGTH_MAX ? line : `${line.slice(0, SHOWN_LENGTH_MAX)}…`
}
