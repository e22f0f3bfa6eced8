import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  failureSignature,
  normalizeMessage,
} from '../../../../src/domain/failure/failure-signature.ts'
import { RunErrorType } from '../../../../src/protocol/run.ts'
import { aRun } from '../../../support/builders.ts'

test.each([
  ['no result within 5 s', 'no result within <n>'],
  ['no result within 4 min 10 s', 'no result within <n>'],
  ['expected ≤ 800ms, got 1.2 s', 'expected ≤ <n>, got <n>'],
  ['connect to 192.0.2.7:443 refused', 'connect to <address> refused'],
  ['connect to [2001:db8::1]:443 refused', 'connect to <address> refused'],
  ['connect to 2001:db8::1 refused', 'connect to <address> refused'],
  ['GET https://shop.test/a?b=7, no answer', 'GET <address>, no answer'],
  ['order 3f2b8c1e-9d4a-4c11-8f3e-0123456789ab is gone', 'order <id> is gone'],
  ['commit 9fceb02d0ae598e9 was rolled back', 'commit <id> was rolled back'],
  ['ended at 2026-03-13T14:46:10.123Z', 'ended at <time>'],
  ['ended on 2026-03-13', 'ended on <time>'],
  ['ended at 14:46:10', 'ended at <time>'],
  ['the page says "Bad gateway"', 'the page says <text>'],
  ['step “place order” was not found', 'step <text> was not found'],
  ["it doesn't say 'Lamp' and can't", "it doesn't say <text> and can't"],
  ['HTTP 502: the page says "x"', 'HTTP 502: the page says <text>'],
  [
    'status: expected 200–299, got 404 (and 2 more)',
    'status: expected <n>–<n>, got 404 (and <n> more)',
  ],
  ['address shop2.test:8443', 'address shop<n>.test:<n>'],
  ['first line\nat frame 12', 'first line'],
  ['a zero\0 character', 'a zero character'],
])('%j is %j', (message, expected) => {
  expect(normalizeMessage(message)).toBe(expected)
})

test('what is normalized stays as it is, whatever it was', () => {
  const alphabet = [
    ...'ab019:\'"`<>n.- /[]',
    'HTTP 502',
    'status: expected 2',
    ', got 404',
    '12:00:00',
  ]
  const text = fc.array(fc.oneof(fc.constantFrom(...alphabet), fc.string({ maxLength: 3 })))
  fc.assert(
    fc.property(text, (parts) => {
      const once = normalizeMessage(parts.join(''))
      expect(normalizeMessage(once)).toBe(once)
    }),
    { numRuns: 1_000 },
  )
})

const failed = (message: string, type: RunErrorType = 'timeout') =>
  aRun({ verdict: 'failed', error: { type, message } })

test('the same cause with other numbers has the same signature', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.ipV4(), fc.ipV4(), (a, b, x, y) => {
      const words = (n: number, address: string) => `${address} sent ${n} bytes within ${n} ms`
      expect(failureSignature(failed(words(a, x)))).toBe(failureSignature(failed(words(b, y))))
    }),
  )
})

test('other types differ, whatever the message', () => {
  const types = RunErrorType.options.map((type) => failureSignature(failed('no answer', type)))
  expect(new Set(types).size).toBe(RunErrorType.options.length)
})

test.each([
  {
    name: 'another step',
    run: aRun({
      verdict: 'failed',
      error: { type: 'timeout', message: 'no answer' },
      steps: [{ name: 'pay', status: 'failed', startMs: 0, ms: 1 }],
    }),
    expected: 'timeout | pay | no answer',
  },
  {
    name: 'another broken layer',
    run: aRun({
      verdict: 'failed',
      error: { type: 'timeout', message: 'no answer' },
      diagnosis: {
        layers: [
          { layer: 'dns', subject: 'shop.test', isFine: true, ms: 1, message: '192.0.2.7' },
          { layer: 'tcp', subject: '192.0.2.7:443', isFine: false, ms: 1, message: 'refused' },
        ],
        firstBroken: 1,
      },
    }),
    expected: 'timeout | tcp | no answer',
  },
  {
    name: 'a wish that did not hold',
    run: aRun({
      verdict: 'degraded',
      assertions: [
        {
          level: 'should',
          subject: 'dns',
          expected: '≤ 1 ms',
          actual: '2 ms',
          held: false,
          excluded: 'busy',
        },
        { level: 'should', subject: 'total', expected: '≤ 800 ms', actual: '1.2 s', held: false },
      ],
    }),
    expected: 'wish |  | total: expected ≤ <n>',
  },
  { name: 'nothing when it passed', run: aRun(), expected: undefined },
])('a signature tells $name', ({ run, expected }) => {
  expect(failureSignature(run)).toBe(expected)
})

test('a long message is cut, so that a signature is short', () => {
  expect(failureSignature(failed('x'.repeat(4_000)))?.length).toBeLessThan(400)
})
