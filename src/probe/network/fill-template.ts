import { CheckError } from '../checks/check-runner.ts'
import { isHeaderText } from './require-secret.ts'

/** A request as written: `{{NAME}}` stands for a secret, `{{name}}` for a captured value. */
export type RequestTemplate = {
  url: string
  headers: Readonly<Record<string, string>>
  body?: string | undefined
  /** Bytes are sent as they are. */
  bodyBase64?: string | undefined
}

export type FilledRequest = {
  url: URL
  headers: Record<string, string>
  body: Buffer | string | undefined
}

/** What a name stands for. Throws when there is nothing. */
export type ValueFor = (name: string) => string

const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9_]*)\}\}/g
/** Of an address or a body, with its values. */
const FILLED_LENGTH_MAX = 1024 * 1024

/**
 * Puts values into a request, each encoded as its place wants it: what was written keeps its meaning,
 * whatever a value holds.
 *
 * @throws {CheckError} `http.capture` for a value that its place cannot hold, `probe.secret_missing` for
 * such a secret.
 */
export function fillTemplate(template: RequestTemplate, valueFor: ValueFor): FilledRequest {
  const headers = fillHeaders(template.headers, valueFor)
  return {
    url: fillUrl(template.url, valueFor),
    headers,
    body: fillBody(template, headers, valueFor),
  }
}

/** Where an address leads is never a value's to say: only what comes after its host. */
const AUTHORITY = /^[^:]+:\/\/[^/?#]*/

/** Percent-encodes values in the path, query and fragment. */
export function fillUrl(template: string, valueFor: ValueFor): URL {
  const authority = AUTHORITY.exec(template)?.[0] ?? ''
  if (authority.search(PLACEHOLDER) !== -1)
    throw new CheckError('http.capture', 'no value can stand in the host of an address')
  const rest = template.slice(authority.length)
  const filled = fill(rest, valueFor, (value) => encodeURIComponent(value.toWellFormed()))
  const segments = (text: string) => (text.split(/[?#]/, 1)[0] ?? '').split('/')
  const isDots = (segment: string) => /^(\.|%2e){1,2}$/i.test(segment)
  const dots = segments(filled).filter(isDots).length
  // They would lead to another address than the one that was written.
  if (dots > segments(rest).filter(isDots).length)
    throw new CheckError('http.capture', 'a value that is "." or ".." cannot be a part of a path')
  return new URL(authority + filled)
}

/** Headers with their values, by the names as written. */
export function fillHeaders(
  headers: RequestTemplate['headers'],
  valueFor: ValueFor,
): Record<string, string> {
  const filled = Object.entries(headers).map(([name, text]) => [
    name,
    fillHeader(name, text, valueFor),
  ])
  return Object.fromEntries(filled)
}

/** @throws {CheckError} for a value that would end the header, and begin another. */
export function fillHeader(header: string, template: string, valueFor: ValueFor): string {
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const value = valueFor(name)
    if (isHeaderText(value)) return value
    throw new CheckError(
      // A secret is of the probe, a captured value of the target.
      /^[A-Z]/.test(name) ? 'probe.secret_missing' : 'http.capture',
      `{{${name}}} has a line break or another character that the header ${header} cannot carry`,
    )
  })
}

function fillBody(
  { body, bodyBase64 }: RequestTemplate,
  headers: Record<string, string>,
  valueFor: ValueFor,
): Buffer | string | undefined {
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64')
  if (body === undefined) return undefined
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return fill(body, valueFor, encoderFor(type ?? ''))
}

function encoderFor(contentType: string): (value: string) => string {
  if (/json/i.test(contentType)) return (value) => JSON.stringify(value).slice(1, -1)
  if (/x-www-form-urlencoded/i.test(contentType))
    return (value) => new URLSearchParams({ v: value }).toString().slice(2)
  return (value) => value
}

function fill(template: string, valueFor: ValueFor, encode: (value: string) => string): string {
  let lengthLeft = FILLED_LENGTH_MAX
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const value = encode(valueFor(name))
    lengthLeft -= value.length
    if (lengthLeft >= 0) return value
    throw new CheckError('http.capture', `with {{${name}}} the request is too large to be sent`)
  })
}
