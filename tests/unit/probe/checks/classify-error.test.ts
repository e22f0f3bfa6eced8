import { describe, expect, test } from 'vitest'
import { CheckError } from '../../../../src/probe/checks/check-runner.ts'
import { classifyError } from '../../../../src/probe/checks/classify-error.ts'

const systemError = (code: string, details: object = {}) =>
  Object.assign(new Error(`${code} happened`), { code, ...details })

const TARGET = 'shop.test:443'

describe('whose fault it was', () => {
  test.each([
    { code: 'ECONNREFUSED', type: 'connect.refused' },
    { code: 'ECONNRESET', type: 'connect.reset' },
    { code: 'EPIPE', type: 'connect.reset' },
    { code: 'ETIMEDOUT', type: 'connect.timeout' },
    { code: 'EHOSTUNREACH', type: 'connect.unreachable' },
    { code: 'UND_ERR_SOCKET', type: 'connect.reset' },
    { code: 'UND_ERR_CONNECT_TIMEOUT', type: 'connect.timeout' },
    { code: 'UND_ERR_HEADERS_TIMEOUT', type: 'timeout' },
    { code: 'UND_ERR_HEADERS_OVERFLOW', type: 'http.too_large' },
    { code: 'HPE_HEADER_OVERFLOW', type: 'http.too_large' },
    { code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', type: 'http.malformed' },
    { code: 'CERT_HAS_EXPIRED', type: 'tls.expired' },
    { code: 'CERT_NOT_YET_VALID', type: 'tls.not_yet_valid' },
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', type: 'tls.untrusted' },
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', type: 'tls.untrusted' },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', type: 'tls.host_name' },
    { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', type: 'tls.handshake' },
    { code: 'EPROTO', type: 'tls.handshake' },
  ])('$code is the target: $type', ({ code, type }) => {
    const error = classifyError(systemError(code), TARGET)
    expect(error.type).toBe(type)
    expect(error.message).toContain(TARGET)
  })

  test.each([
    { code: 'ENETUNREACH', type: 'probe.network' },
    { code: 'EMFILE', type: 'probe.out_of_resources' },
    { code: 'ENFILE', type: 'probe.out_of_resources' },
    { code: 'EADDRNOTAVAIL', type: 'probe.out_of_resources' },
    { code: 'ENOMEM', type: 'probe.out_of_resources' },
    { code: 'ENOSPC', type: 'probe.out_of_resources' },
    { code: 'ERR_INVALID_ARG_TYPE', type: 'probe.internal' },
    { code: 'toString', type: 'probe.internal' },
  ])('$code is the probe: $type', ({ code, type }) => {
    expect(classifyError(systemError(code), TARGET).type).toBe(type)
  })

  test.each([
    { why: 'a bug', thrown: new TypeError('x is not a function') },
    { why: 'a string', thrown: 'lamp' },
    { why: 'nothing', thrown: undefined },
    { why: 'null', thrown: null },
    { why: 'an empty aggregate', thrown: new AggregateError([]) },
  ])('$why is the probe', ({ thrown }) => {
    expect(classifyError(thrown).type).toBe('probe.internal')
  })

  test('what knows itself what it is', () => {
    const thrown = new CheckError('http.redirects', 'more than 5 redirects')
    expect(classifyError(thrown)).toEqual({
      type: 'http.redirects',
      message: 'more than 5 redirects',
    })
  })

  test('of several addresses, the one that shows something about the target', () => {
    const thrown = new AggregateError([systemError('ENETUNREACH'), systemError('ECONNREFUSED')])
    expect(classifyError(thrown, TARGET).type).toBe('connect.refused')
    const none = new AggregateError([systemError('ENETUNREACH'), systemError('EADDRNOTAVAIL')])
    expect(classifyError(none, TARGET).type).toBe('probe.network')
  })
})

describe('in words', () => {
  const refusedAt = (address: string, port: number) =>
    systemError('ECONNREFUSED', { address, port })

  test.each([
    {
      target: undefined,
      thrown: refusedAt('127.0.0.1', 80),
      message: 'connection to 127.0.0.1:80 refused',
    },
    {
      target: '127.0.0.1:80',
      thrown: refusedAt('127.0.0.1', 80),
      message: 'connection to 127.0.0.1:80 refused',
    },
    {
      target: TARGET,
      thrown: refusedAt('::1', 8443),
      message: 'connection to shop.test:443 ([::1]:8443) refused',
    },
    {
      target: TARGET,
      thrown: systemError('ECONNRESET'),
      message: 'the connection to shop.test:443 was reset',
    },
    {
      target: TARGET,
      thrown: systemError('EPROTO', { reason: 'wrong version number' }),
      message: 'shop.test:443 does not speak TLS (wrong version number)',
    },
    {
      target: TARGET,
      thrown: systemError('ERR_SSL_X', { reason: 'no shared cipher' }),
      message: 'TLS handshake with shop.test:443 failed: no shared cipher',
    },
  ])('$message', ({ target, thrown, message }) => {
    expect(classifyError(thrown, target).message).toBe(message)
  })
})
