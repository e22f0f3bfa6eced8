import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  boundedQueryMessages,
  endOfMessage,
  endOfTlsAnswer,
  MESSAGE_BYTES_MAX,
  PostgresFormatError,
  queryMessage,
  readComplaint,
  readEarlyComplaint,
  readLoginRequest,
  readMessage,
  readParameter,
  readRow,
  saslInitialMessage,
  startupMessage,
} from '../../../../src/probe/network/postgres-message.ts'
import {
  authentication,
  complaint,
  message,
  parameter,
  row,
} from '../../../support/postgres-words.ts'

const bodyOf = (whole: Buffer) => readMessage(whole).body

test('a message ends where its header says, in whatever pieces it comes', () => {
  const first = message('C', 'SELECT 1\0')
  const both = Buffer.concat([first, message('Z', 'I')])
  for (let length = 0; length < first.length; length++)
    expect(endOfMessage(both.subarray(0, length))).toBeUndefined()
  expect(endOfMessage(both)).toBe(first.length)
  expect(readMessage(first)).toEqual({ type: 'C', body: Buffer.from('SELECT 1\0') })
})

test.each([
  { why: 'as in protocol 3', error: complaint('53300', 'sorry'), code: '53300', said: 'sorry' },
  {
    why: 'as in protocol 2',
    error: Buffer.from('Ecould not fork\n\0'),
    code: '',
    said: 'could not fork',
  },
])('an error in the place of TLS is read whole, $why', ({ error, code, said }) => {
  for (let length = 0; length < error.length; length++)
    expect(endOfTlsAnswer(error.subarray(0, length))).toBeUndefined()
  expect(endOfTlsAnswer(Buffer.concat([error, Buffer.from('more')]))).toBe(error.length)
  expect(readEarlyComplaint(error)).toMatchObject({ code, message: said })
  for (const answer of ['S', 'N', 'HTTP/1.1']) expect(endOfTlsAnswer(Buffer.from(answer))).toBe(1)
})

test.each([
  {
    why: 'a byte that begins no message',
    bytes: Buffer.from([0]),
    words: /begins with the byte 0/,
  },
  { why: 'a length below its own', bytes: Buffer.from('R\0\0\0\x03'), words: /3 bytes long$/ },
  {
    why: 'a negative length',
    bytes: Buffer.from([0x52, 0xff, 0xff, 0xff, 0xff]),
    words: /-1 bytes/,
  },
  { why: 'another protocol', bytes: Buffer.from('HTTP/1.1 400'), words: /the probe reads 49152$/ },
])('$why is refused by its header', ({ bytes, words }) => {
  expect(() => endOfMessage(bytes)).toThrow(words)
  expect(() => endOfMessage(bytes)).toThrow(PostgresFormatError)
})

test('the largest message that is read, and one byte more', () => {
  const header = (length: number) => {
    const bytes = Buffer.from('D\0\0\0\0')
    bytes.writeInt32BE(length, 1)
    return bytes
  }
  expect(endOfMessage(header(MESSAGE_BYTES_MAX))).toBeUndefined()
  expect(() => endOfMessage(header(MESSAGE_BYTES_MAX + 1))).toThrow(
    expect.objectContaining({ isTooLong: true }),
  )
})

test.each([
  { body: bodyOf(authentication(0)), request: { kind: 'ok' } },
  { body: bodyOf(authentication(3)), request: { kind: 'cleartext' } },
  { body: bodyOf(authentication(5, 'salt')), request: { kind: 'md5', salt: Buffer.from('salt') } },
  {
    body: bodyOf(authentication(10, 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')),
    request: { kind: 'sasl', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
  },
  { body: bodyOf(authentication(11, 'r=x')), request: { kind: 'sasl_continue', data: 'r=x' } },
  { body: bodyOf(authentication(12, 'v=y')), request: { kind: 'sasl_final', data: 'v=y' } },
  { body: bodyOf(authentication(7)), request: { kind: 'other', number: 7 } },
])('a login request: $request.kind', ({ body, request }) => {
  expect(readLoginRequest(body)).toEqual(request)
})

test('a complaint, a setting and a row are read', () => {
  expect(readComplaint(bodyOf(complaint('57P03', 'starting up')))).toEqual({
    severity: 'FATAL',
    code: '57P03',
    message: 'starting up',
  })
  expect(readParameter(bodyOf(parameter('server_version', '18.1')))).toEqual([
    'server_version',
    '18.1',
  ])
  expect(readRow(bodyOf(row('7', null, '')))).toEqual(['7', null, ''])
})

test('what is said has the form of the protocol', () => {
  expect(startupMessage({ user: 'ada' }).toString('hex')).toBe(
    `0000001200030000${Buffer.from('user\0ada\0\0').toString('hex')}`,
  )
  const query = queryMessage('SELECT 1')
  expect(endOfMessage(query)).toBe(query.length)
  expect(query.toString()).toBe('Q\0\0\0\rSELECT 1\0')
  expect(saslInitialMessage('X', 'ab').toString()).toBe('p\0\0\0\x0cX\0\0\0\0\x02ab')
  const types: string[] = []
  for (let rest = boundedQueryMessages('SELECT 1', 5); rest.length > 0; ) {
    const end = endOfMessage(rest) ?? 0
    types.push(readMessage(rest.subarray(0, end)).type)
    rest = rest.subarray(end)
  }
  expect(types).toEqual(['P', 'B', 'E', 'S'])
})

test('whatever comes is read, or refused as what is not of the protocol', () => {
  const readers = [readLoginRequest, readComplaint, readParameter, readRow]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const body = Buffer.from(bytes)
      for (const read of [endOfMessage, ...readers]) {
        try {
          read(body)
        } catch (error) {
          expect(error).toBeInstanceOf(PostgresFormatError)
        }
      }
    }),
  )
})

test('rows come back as they were sent', () => {
  const column = fc.option(fc.string({ unit: 'grapheme' }), { nil: null })
  fc.assert(
    fc.property(fc.array(column, { maxLength: 20 }), (columns) => {
      expect(readRow(bodyOf(row(...columns)))).toEqual(columns)
    }),
  )
})
