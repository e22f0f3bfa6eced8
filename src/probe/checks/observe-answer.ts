import type { SubjectValue } from '../../protocol/judge-expectations.ts'
import { subjectName } from '../../protocol/judge-expectations.ts'
import { decodeText } from '../network/decode-body.ts'
import type { HttpHead, HttpResponse } from '../network/http-request.ts'
import type { Findings } from './check-runner.ts'
import { createJsonReader, describeBody, type JsonReader } from './read-json.ts'
import { createMarkupReader, type MarkupReader } from './read-markup.ts'

/** An answer's body in every form that somebody may ask for; each is made when it first is. */
export type AnswerReaders = { text(): string; json: JsonReader; markup: MarkupReader }

type Answer = Pick<HttpResponse, 'headers' | 'body'>

export function readAnswer({ headers, body }: Answer): AnswerReaders {
  const contentType = headers.get('content-type')
  let decoded: string | undefined
  const text = () => {
    decoded ??= decodeText(body, contentType)
    return decoded
  }
  return {
    text,
    json: createJsonReader(text, contentType),
    markup: createMarkupReader(text, contentType),
  }
}

/** Writes down what the head of an answer says, for expectations to be compared with. */
export function observeHead({ status, headers }: HttpHead, findings: Findings): void {
  findings.subject('status', status)
  findings.fact('status', status)
  for (const [name, value] of headers) findings.subjectPart('header', name, value)
}

/** The same of its body. Paths, selectors and the title are looked up only where something asks. */
export function observeBody(answer: Answer, findings: Findings): AnswerReaders {
  const readers = readAnswer(answer)
  const { text, json, markup } = readers
  findings.subject('bodyBytes', answer.body.length)
  findings.subject('body', text())

  const lookup = (name: string, find: (key: string) => SubjectValue[], instead: () => string) =>
    findings.lookup(name, (key) => {
      const found = find(key)
      if (found.length === 0) explainNothing(subjectName(name, key), instead(), findings)
      return found.flat()
    })
  const body = () => `the body (${describeBody(text(), answer.headers.get('content-type'))})`
  lookup('json', json.find, json.describe)
  lookup('select', markup.find, body)
  findings.lookup('title', () => {
    const title = markup.title()
    if (title === undefined) explainNothing('title', body(), findings)
    return title
  })
  return readers
}

/** Nothing there is another mistake than a wrong value: of the path, or of the page. */
function explainNothing(subject: string, instead: string, findings: Findings): void {
  findings.subject(subject, undefined, ({ expected }) => ({
    type: 'assertion',
    message: `${subject}: expected ${expected}, found nothing in ${instead}`,
  }))
}
