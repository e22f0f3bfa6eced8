import { expect, test } from 'vitest'
import { judgeCall, judgeText } from '../../../../src/domain/paging/judge-call.ts'

const words = (verdict: ReturnType<typeof judgeCall>) =>
  verdict.kind === 'not_arrived'
    ? `${verdict.reason}${verdict.mayRepeat ? ', again' : ''}`
    : verdict.kind

test.each([
  { status: 'queued', expected: 'under_way' },
  { status: 'initiated', expected: 'under_way' },
  { status: 'ringing', expected: 'under_way' },
  { status: 'a word that comes later', expected: 'under_way' },
  { status: undefined, expected: 'under_way' },
  { status: 'in-progress', expected: 'arrived' },
  { status: 'completed', expected: 'arrived' },
  { status: 'busy', expected: 'the line was busy, again' },
  { status: 'no-answer', expected: 'nobody picked up' },
  { status: 'failed', expected: 'the call could not be put through' },
  { status: 'canceled', expected: 'the call was cancelled' },
])('a call that is $status: $expected', ({ status, expected }) => {
  expect(words(judgeCall({ status }, { asksWhoAnswers: false }))).toBe(expected)
})

test.each([
  { status: 'in-progress', answeredBy: undefined, expected: 'under_way' },
  { status: 'in-progress', answeredBy: 'human', expected: 'arrived' },
  { status: undefined, answeredBy: 'human', expected: 'arrived' },
  { status: undefined, answeredBy: 'unknown', expected: 'arrived' },
  { status: undefined, answeredBy: 'machine_start', expected: 'a machine answered' },
  { status: 'completed', answeredBy: 'machine_end_beep', expected: 'a machine answered' },
  { status: 'completed', answeredBy: 'fax', expected: 'a machine answered' },
  { status: 'completed', answeredBy: undefined, expected: 'arrived' },
  { status: 'no-answer', answeredBy: 'unknown', expected: 'nobody picked up' },
])('asked who answers, $status by $answeredBy: $expected', ({ expected, ...report }) => {
  expect(words(judgeCall(report, { asksWhoAnswers: true }))).toBe(expected)
})

test.each([
  { status: 'accepted', expected: 'under_way' },
  { status: 'queued', expected: 'under_way' },
  { status: 'sending', expected: 'under_way' },
  { status: 'sent', expected: 'arrived' },
  { status: 'delivered', expected: 'arrived' },
  { status: 'undelivered', expected: 'the network did not deliver the text' },
  { status: 'failed', expected: 'the network did not deliver the text' },
])('a text that is $status: $expected', ({ status, expected }) => {
  expect(words(judgeText({ status }))).toBe(expected)
})
