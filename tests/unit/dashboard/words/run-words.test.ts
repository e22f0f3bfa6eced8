import { expect, test } from 'vitest'
import { assertionWord, placeOf } from '../../../../src/dashboard/words/assertion-words.ts'
import { attemptWords, lastAttemptWords } from '../../../../src/dashboard/words/attempt-words.ts'
import {
  bodyWords,
  exchangesMs,
  phaseListWords,
  phaseSegments,
  statusWords,
} from '../../../../src/dashboard/words/exchange-words.ts'
import { failuresSentence, whereWords } from '../../../../src/dashboard/words/failure-words.ts'
import { qualitySentence } from '../../../../src/dashboard/words/quality-words.ts'
import type { Assertion } from '../../../../src/protocol/expectation.ts'
import type { FailureGroup } from '../../../../src/protocol/public-api.ts'

test('attempts: the last one is counted, the earlier ones say how long and what', () => {
  expect(lastAttemptWords({ attempt: 1, verdict: 'passed' })).toBe('')
  expect(lastAttemptWords({ attempt: 2, verdict: 'passed' })).toBe('attempt 2 of 2 passed')
  const attempt = { startMs: 0, durationMs: 120, verdict: 'failed' as const, phases: [] }
  expect(attemptWords(attempt)).toBe('failed after 120 ms')
  const error = { type: 'timeout' as const, message: 'no answer\nand more' }
  expect(attemptWords({ ...attempt, error })).toBe('failed after 120 ms: no answer')
})

const assertion = (overrides: Partial<Assertion>): Assertion => ({
  level: 'must',
  subject: 'status',
  expected: '200',
  actual: '502',
  held: false,
  ...overrides,
})

test.each([
  { given: assertion({}), word: '✗ failed', place: 0 },
  { given: assertion({ level: 'should' }), word: '◐ degraded', place: 1 },
  { given: assertion({ excluded: 'busy' }), word: '– not counted', place: 2 },
  { given: assertion({ held: true }), word: '✓ held', place: 3 },
])('an assertion: $word', ({ given, word, place }) => {
  expect(assertionWord(given).word).toBe(word)
  expect(placeOf(given)).toBe(place)
})

const quality = { eventLoopUtilization: 0.124, eventLoopLagMs: 3.2, concurrentRuns: 1 }

test.each([
  {
    name: 'fit',
    run: { verdict: 'passed' as const, quality },
    expected:
      'Measured well: the probe was 12 % busy, at most 3 ms late, with 1 other run at once.',
  },
  {
    name: 'not fit',
    run: { verdict: 'failed' as const, quality: { ...quality, flagged: 'no processor.' } },
    expected:
      "Its times are not counted as the target's: no processor. Whatever else it found counts.",
  },
  {
    name: 'at fault',
    run: { verdict: 'probe_fault' as const, quality },
    expected: 'The probe could not measure; the run says nothing about the target.',
  },
  {
    name: 'silent about it',
    run: { verdict: 'passed' as const, quality: undefined },
    expected: 'The probe did not say how well it could measure.',
  },
])('a probe that was $name', ({ run: { verdict, quality: given }, expected }) => {
  expect(qualitySentence({ verdict, ...(given && { quality: given }) })).toBe(expected)
})

test('phases of an exchange lie one after the other, from its start', () => {
  const exchange = {
    method: 'GET',
    url: 'http://shop.test/',
    startMs: 50,
    ms: 50,
    phases: [
      { name: 'dns' as const, ms: 10 },
      { name: 'firstByte' as const, ms: 40 },
    ],
  }
  expect(exchangesMs([exchange])).toBe(100)
  expect(exchangesMs([])).toBe(1)
  expect(phaseSegments(exchange, 100)).toEqual([
    { name: 'dns', left: 0.5, width: 0.1 },
    { name: 'firstByte', left: 0.6, width: 0.4 },
  ])
  expect(phaseSegments(exchange, 40)).toEqual([
    { name: 'dns', left: 1, width: 0 },
    { name: 'firstByte', left: 1, width: 0 },
  ])
  expect(phaseListWords(exchange.phases)).toBe('name resolution 10 ms, first byte 40 ms')
  expect(statusWords({ status: 301 })).toBe('HTTP 301')
  expect(statusWords({})).toBe('no answer')
})

test.each([
  { body: { text: '', bytes: 0, isTruncated: false }, expected: 'empty' },
  { body: { text: 'x', bytes: 57, isTruncated: false }, expected: '57 B' },
  {
    body: { base64: 'x', bytes: 70_000, isTruncated: true },
    expected: '70.0 kB, not text, only its beginning is kept',
  },
])('a body: $expected', ({ body, expected }) => {
  expect(bodyWords(body)).toBe(expected)
})

test('failures: where they broke, and how many for how many reasons', () => {
  expect(whereWords({ step: 'pay', layer: 'tcp' })).toBe('step “pay”')
  expect(whereWords({ layer: 'tcp' })).toBe('first broken: TCP')
  expect(whereWords({})).toBe('')
  const groups = [{ runs: 3 }, { runs: 1 }] as FailureGroup[]
  expect(failuresSentence(groups, '6 h')).toBe(
    '4 runs did not pass in the last 6 h, for 2 reasons.',
  )
  expect(failuresSentence([], '1 h')).toBe('Every run that came in during the last 1 h passed.')
})
