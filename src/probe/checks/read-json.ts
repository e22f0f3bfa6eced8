import { JSONPathEnvironment, type JSONValue } from 'json-p3'
import type { Scalar } from '../../protocol/expectation.ts'
import { CheckError } from './check-runner.ts'

/** Containers inside one another that `..` follows; the deepest honest documents have some dozens. */
const DEPTH_MAX = 1_000
/** Of all that one path finds, as text: a path may find the same part many times over. */
const FOUND_LENGTH_MAX = 4 * 1024 * 1024
const SHOWN_LENGTH_MAX = 80
const FIELDS_SHOWN_MAX = 10

const environment = new JSONPathEnvironment({ maxRecursionDepth: DEPTH_MAX })

/** A body as JSON, read when somebody first asks. */
export type JsonReader = {
  /**
   * The values that a JSONPath (RFC 9535) finds: objects and lists as JSON text.
   *
   * @throws {CheckError} when the body is no JSON, or more is found than is looked at.
   */
  find(path: string): Scalar[]
  /** For people: what there is instead of something that was not found. */
  describe(): string
}

export function createJsonReader(text: () => string, contentType: string | undefined): JsonReader {
  let parsed: { value: JSONValue } | undefined
  const read = (): JSONValue => {
    parsed ??= { value: parse(text(), contentType) }
    return parsed.value
  }
  return {
    find(path) {
      const scalars: Scalar[] = []
      let lengthLeft = FOUND_LENGTH_MAX
      for (const { value } of environment.lazyQuery(path, read())) {
        const scalar = toScalar(value)
        lengthLeft -= String(scalar).length + 1
        if (lengthLeft < 0) throw new CheckError('assertion', 'more values than are looked at')
        scalars.push(scalar)
      }
      return scalars
    },
    describe: () => describeJson(read()),
  }
}

function parse(text: string, contentType: string | undefined): JSONValue {
  try {
    return JSON.parse(text)
  } catch {
    throw new CheckError('assertion', `a body that is no JSON (${describeBody(text, contentType)})`)
  }
}

/** For people: `text/html, "<html><body>Down…"`. */
export function describeBody(text: string, contentType = 'no content type'): string {
  if (text.trim() === '') return `${contentType}, empty`
  const line = text
    .slice(0, SHOWN_LENGTH_MAX * 2)
    .replace(/\s+/g, ' ')
    .trim()
  const cut = line.length > SHOWN_LENGTH_MAX || text.length > SHOWN_LENGTH_MAX * 2
  return `${contentType}, "${cut ? `${line.slice(0, SHOWN_LENGTH_MAX)}…` : line}"`
}

function toScalar(value: unknown): Scalar {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value
    default:
      return JSON.stringify(value) ?? 'null'
  }
}

/** Names only: the values are not asked about, and may be long. */
function describeJson(value: JSONValue): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value !== 'object' || value === null) return toScalar(value).toString().slice(0, 80)
  const names = Object.keys(value)
  if (names.length === 0) return 'an empty object'
  const shown = names.slice(0, FIELDS_SHOWN_MAX).map((name) => name.slice(0, SHOWN_LENGTH_MAX))
  const more = names.length - shown.length
  return `an object with ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
