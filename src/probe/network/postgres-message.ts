/**
 * Messages of PostgreSQL's protocol 3.0, as far as a probe says and hears them:
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

/** Largest message that is read. What servers say by themselves is a hundredth of it. */
export const MESSAGE_BYTES_MAX = 48 * 1024

const HEADER_BYTES = 5
const LENGTH_BYTES = 4
const PROTOCOL_3_0 = 196_608
const NULL_LENGTH = -1
const TYPE = /^[A-Za-z0-9]$/

/** What came is not of the protocol, in words that read well after "because". */
export class PostgresFormatError extends Error {
  override readonly name = 'PostgresFormatError'
  /** It may well be of the protocol, and is more than the probe reads. */
  readonly isTooLong: boolean

  constructor(message: string, { isTooLong = false } = {}) {
    super(message)
    this.isTooLong = isTooLong
  }
}

export type ServerMessage = { type: string; body: Buffer }

/**
 * Where the first message ends; undefined when more must come. A message that claims to be longer than
 * the probe reads is refused by its header, before anything of it is waited for.
 *
 * @throws {PostgresFormatError}
 */
export function endOfMessage(received: Buffer): number | undefined {
  if (received.length > 0 && !TYPE.test(String.fromCharCode(received[0] ?? 0)))
    throw new PostgresFormatError(`no message begins with the byte ${received[0]}`)
  if (received.length < HEADER_BYTES) return undefined
  const length = received.readInt32BE(1)
  if (length < LENGTH_BYTES)
    throw new PostgresFormatError(`a message claims to be ${length} bytes long`)
  if (length > MESSAGE_BYTES_MAX)
    throw new PostgresFormatError(
      `a message claims to be ${length} bytes long, and the probe reads ${MESSAGE_BYTES_MAX}`,
      { isTooLong: true },
    )
  const end = 1 + length
  return received.length < end ? undefined : end
}

/** Takes one whole message apart, as {@link endOfMessage} has delimited it. */
export const readMessage = (message: Buffer): ServerMessage => ({
  type: String.fromCharCode(message[0] ?? 0),
  body: message.subarray(HEADER_BYTES),
})

/** What the server asks for in a login; its number is the protocol's. */
export type LoginRequest =
  | { kind: 'ok' }
  | { kind: 'cleartext' }
  | { kind: 'md5'; salt: Buffer }
  | { kind: 'sasl'; mechanisms: string[] }
  | { kind: 'sasl_continue' | 'sasl_final'; data: string }
  | { kind: 'other'; number: number }

const SALT_BYTES = 4

/** @throws {PostgresFormatError} */
export function readLoginRequest(body: Buffer): LoginRequest {
  const reader = readerOf(body)
  const number = reader.int32()
  switch (number) {
    case 0:
      return { kind: 'ok' }
    case 3:
      return { kind: 'cleartext' }
    case 5:
      return { kind: 'md5', salt: reader.bytes(SALT_BYTES) }
    case 10:
      return { kind: 'sasl', mechanisms: reader.texts() }
    case 11:
      return { kind: 'sasl_continue', data: reader.rest() }
    case 12:
      return { kind: 'sasl_final', data: reader.rest() }
    default:
      return { kind: 'other', number }
  }
}

/** What a server says of an error, or as a notice. */
export type ServerComplaint = {
  severity: string
  /** SQLSTATE: five digits and letters. */
  code: string
  message: string
}

/** @throws {PostgresFormatError} */
export function readComplaint(body: Buffer): ServerComplaint {
  const reader = readerOf(body)
  const fields = new Map<string, string>()
  for (let field = reader.byte(); field !== 0; field = reader.byte())
    fields.set(String.fromCharCode(field), reader.text())
  const message = fields.get('M')
  if (message === undefined) throw new PostgresFormatError('an error comes without its message')
  // `S` is in the server's language, `V` is not; servers before 9.6 have no `V`.
  const severity = fields.get('V') ?? fields.get('S') ?? ''
  return { severity, code: fields.get('C') ?? '', message }
}

/** In the second byte, the first of a length: no message that is read is as long as one with a letter there. */
const isText = (received: Buffer): boolean => (received[1] ?? 0) >= 0x20

/**
 * Where the answer to the request for TLS ends: after one byte, unless it is an error. That is a message as
 * any other, or as in protocol 2 a text up to a zero byte, from a server that could not even begin to listen.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export function endOfTlsAnswer(received: Buffer): number | undefined {
  if (received.length === 0) return undefined
  if (received[0] !== 0x45) return 1
  if (received.length < 2) return undefined
  if (!isText(received)) return endOfMessage(received)
  const end = received.indexOf(0)
  return end < 0 ? undefined : end + 1
}

/** Reads an error as {@link endOfTlsAnswer} has delimited it. @throws {PostgresFormatError} */
export function readEarlyComplaint(answer: Buffer): ServerComplaint {
  if (!isText(answer)) return readComplaint(readMessage(answer).body)
  const message = answer.subarray(1, -1).toString().trim()
  return { severity: 'FATAL', code: '', message }
}

/** Name and value of a setting that the server tells of. @throws {PostgresFormatError} */
export function readParameter(body: Buffer): [name: string, value: string] {
  const reader = readerOf(body)
  return [reader.text(), reader.text()]
}

/** One row, column by column; null is SQL's. @throws {PostgresFormatError} */
export function readRow(body: Buffer): (string | null)[] {
  const reader = readerOf(body)
  return Array.from({ length: reader.int16() }, () => {
    const length = reader.int32()
    return length === NULL_LENGTH ? null : reader.bytes(length).toString()
  })
}

type Reader = {
  byte(): number
  int16(): number
  int32(): number
  bytes(count: number): Buffer
  text(): string
  /** Texts up to an empty one. */
  texts(): string[]
  rest(): string
}

function readerOf(body: Buffer): Reader {
  let at = 0
  const bytes = (count: number): Buffer => {
    if (count < 0 || at + count > body.length)
      throw new PostgresFormatError('a message ends before what it announces')
    const taken = body.subarray(at, at + count)
    at += count
    return taken
  }
  const text = (): string => {
    const end = body.indexOf(0, at)
    if (end < 0) throw new PostgresFormatError('a text in a message has no end')
    const found = body.toString('utf8', at, end)
    at = end + 1
    return found
  }
  return {
    byte: () => bytes(1).readUInt8(),
    int16: () => bytes(2).readUInt16BE(),
    int32: () => bytes(4).readInt32BE(),
    bytes,
    text,
    texts: () => {
      const found: string[] = []
      for (let next = text(); next !== ''; next = text()) found.push(next)
      return found
    },
    rest: () => bytes(body.length - at).toString(),
  }
}

/** The first message of a connection, the only one without a type. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(parameters).flatMap(([name, value]) => [
    zeroEnded(name),
    zeroEnded(value),
  ])
  return withLength(Buffer.concat([int32(PROTOCOL_3_0), ...texts, Buffer.from([0])]))
}

/** A password, in whichever form the server asked for. */
export const passwordMessage = (password: string): Buffer => typed('p', zeroEnded(password))

export const saslInitialMessage = (mechanism: string, response: string): Buffer => {
  const bytes = Buffer.from(response)
  return typed('p', zeroEnded(mechanism), int32(bytes.length), bytes)
}

export const saslMessage = (response: string): Buffer => typed('p', Buffer.from(response))

/** Statements as they are, answered by one `ReadyForQuery`. */
export const queryMessage = (statements: string): Buffer => typed('Q', zeroEnded(statements))

/**
 * One statement and no more, which the server itself makes sure of, with at most so many rows of its
 * answer; answered by one `ReadyForQuery`.
 */
export const boundedQueryMessages = (statement: string, rowsMax: number): Buffer =>
  Buffer.concat([
    // Without a name, and without parameters.
    typed('P', zeroEnded(''), zeroEnded(statement), int16(0)),
    // Everything as text.
    typed('B', zeroEnded(''), zeroEnded(''), int16(0), int16(0), int16(0)),
    typed('E', zeroEnded(''), int32(rowsMax)),
    typed('S'),
  ])

/** The end of a session, in order. */
export const terminateMessage = (): Buffer => typed('X')

const zeroEnded = (text: string): Buffer => Buffer.from(`${text}\0`)

function typed(type: string, ...parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(type), withLength(Buffer.concat(parts))])
}

const withLength = (body: Buffer): Buffer =>
  Buffer.concat([int32(body.length + LENGTH_BYTES), body])

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
