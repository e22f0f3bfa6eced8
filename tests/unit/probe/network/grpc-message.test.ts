import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeHealthResponse,
  encodeHealthRequest,
  readGrpcFrame,
} from '../../../../src/probe/network/grpc-message.ts'
import {
  grpcMessageText,
  grpcStatusName,
  grpcStatusOfHttp,
} from '../../../../src/probe/network/grpc-status.ts'

describe('a request', () => {
  test('asks about the whole server, or a service', () => {
    expect(encodeHealthRequest('').toString('hex')).toBe('0000000000')
    expect(encodeHealthRequest('shop').toString('hex')).toBe('00000000060a0473686f70')
    expect(encodeHealthRequest('a'.repeat(200)).subarray(0, 8).toString('hex')).toBe(
      '00000000cb0ac801',
    )
  })
})

describe('an answer', () => {
  test.each([
    ['', 'UNKNOWN', 'nothing stands for 0'],
    ['0801', 'SERVING', 'as it is'],
    ['0802', 'NOT_SERVING', 'as it is'],
    ['0803', 'SERVICE_UNKNOWN', 'as it is'],
    ['0809', '9', 'a newer status'],
    ['08020801', 'SERVING', 'the last one counts'],
    ['12026162190000000000000000250000000018010801', 'SERVING', 'unknown fields are passed over'],
    ['08', undefined, 'it is cut off'],
    ['0bffff', undefined, 'a group'],
    ['00', undefined, 'a field 0'],
    ['12ff', undefined, 'a length that is cut off'],
    ['1205aa', undefined, 'a field that is longer than the message'],
    ['08ffffffffffffffffffffff01', undefined, 'a number that does not end'],
  ])('%s is %s: %s', (hex, status, _why) => {
    expect(decodeHealthResponse(Buffer.from(hex, 'hex'))).toBe(status)
  })

  test('is a status or none, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodeHealthResponse(Buffer.from(bytes)) ?? 'none').toMatch(/^[A-Z_]+$|^\d|none/)
      }),
    )
  })

  test.each([
    ['00000000', 'incomplete'],
    ['0000000002 08', 'incomplete'],
    ['0000000002 0801', 'message'],
    ['0100000002 0801', 'malformed'],
    ['0200000002 0801', 'malformed'],
    ['00ffffffff', 'malformed'],
  ])('in the frame %s is %s', (hex, kind) => {
    expect(readGrpcFrame(Buffer.from(hex.replace(' ', ''), 'hex')).kind).toBe(kind)
  })

  test('of a request is the request', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (service) => {
        const frame = readGrpcFrame(encodeHealthRequest(service))
        expect(frame.kind).toBe('message')
      }),
    )
  })
})

test('statuses have names', () => {
  expect(grpcStatusName('0')).toBe('OK')
  expect(grpcStatusName('5')).toBe('NOT_FOUND')
  expect(grpcStatusName('99')).toBe('99')
  expect(grpcStatusName('x')).toBeUndefined()
  expect(grpcStatusOfHttp(503)).toBe('UNAVAILABLE')
  expect(grpcStatusOfHttp(418)).toBe('UNKNOWN')
  expect(grpcMessageText('not%20found')).toBe('not found')
  expect(grpcMessageText('%zz')).toBe('%zz')
})
