import { describe, expect, test } from 'vitest'
import {
  brokenSentence,
  firstBroken,
  type LayerFinding,
  withBrokenLayer,
} from '../../../../src/probe/diagnose/name-broken-layer.ts'
import type { RunErrorType } from '../../../../src/protocol/run.ts'

type Part = Partial<LayerFinding>
const one = (
  layer: LayerFinding['layer'],
  subject: string,
  isFine: boolean,
  message: string,
  more: Part = {},
): LayerFinding => ({ layer, subject, isFine, message, ms: 1, ...more })

const dns = one('dns', '10.0.0.2', true, 'NOERROR')
const tcp = one('tcp', '192.0.2.1:443', true, 'accepted')
const tls = one('tls', 'shop.test:443', true, 'TLSv1.3, trusted')
const http = one('http', 'shop.test/', true, 'GET / answered with 200')

const sentence = (layers: LayerFinding[], type: RunErrorType = 'assertion') => {
  const index = firstBroken(layers, { type, message: '' })
  return index === undefined ? undefined : brokenSentence(layers, index)
}

describe('the first broken layer', () => {
  test.each([
    { why: 'none', layers: [dns, tcp, tls, http], says: undefined },
    { why: 'nothing was looked at', layers: [], says: undefined },
    {
      why: 'our resolver fails and another finds it',
      layers: [
        one('dns', '10.0.0.2', false, 'SERVFAIL'),
        one('dns', '1.1.1.1', true, 'NOERROR', { isComparison: true }),
      ],
      says: 'DNS: SERVFAIL from 10.0.0.2, NOERROR from 1.1.1.1',
    },
    {
      why: 'another resolver fails, which the check does not ask',
      layers: [dns, one('dns', '1.1.1.1', false, 'NXDOMAIN', { isComparison: true }), tcp, http],
      says: undefined,
    },
    {
      why: 'no address accepts',
      layers: [
        dns,
        one('tcp', '192.0.2.1:443', false, 'refused'),
        one('tcp', '192.0.2.2:443', false, 'refused'),
      ],
      says: 'TCP: connection to 192.0.2.1:443 refused, 192.0.2.2:443 refused',
    },
    {
      why: 'one address refuses, and all else works',
      layers: [
        one('tcp', '192.0.2.1:443', false, 'refused'),
        one('tcp', '192.0.2.2:443', true, 'accepted'),
        tls,
        http,
      ],
      says: 'TCP: connection to 192.0.2.1:443 refused, 192.0.2.2:443 accepted',
    },
    {
      why: 'one address refuses, but the certificate is what breaks',
      layers: [
        one('tcp', '192.0.2.1:443', false, 'refused'),
        tcp,
        one('tls', 'shop.test:443', false, 'certificate expired 3 h ago'),
      ],
      says: 'TLS: certificate expired 3 h ago',
    },
    {
      why: 'the server fails',
      layers: [dns, tcp, tls, one('http', 'shop.test/', false, 'GET / answered with 503')],
      says: 'HTTP: GET / answered with 503',
    },
  ])('$why', ({ layers, says }) => {
    expect(sentence(layers)).toBe(says)
  })

  test('our own short deadline breaks nothing, unless the check ran out of time too', () => {
    const late = [
      dns,
      one('tcp', '192.0.2.1:443', false, 'not accepted within 500 ms', { isOverdue: true }),
    ]
    expect(sentence(late, 'assertion')).toBeUndefined()
    expect(sentence(late, 'connect.timeout')).toContain(
      'TCP: connection to 192.0.2.1:443 not accepted',
    )
    expect(sentence(late, 'timeout')).toContain('TCP:')
  })
})

test.each([
  {
    why: 'in front of what the run says',
    message: 'shop.test is not reachable',
    sentence: 'DNS: SERVFAIL from 10.0.0.2',
    says: 'DNS: SERVFAIL from 10.0.0.2. shop.test is not reachable',
  },
  {
    why: 'as a word only, when the run says the same',
    message: 'shop.test:443: certificate expired 3 h ago',
    sentence: 'TLS: certificate expired 3 h ago',
    says: 'TLS: shop.test:443: certificate expired 3 h ago',
  },
])('it is named $why', ({ message, sentence: broken, says }) => {
  expect(withBrokenLayer(message, broken)).toBe(says)
})
