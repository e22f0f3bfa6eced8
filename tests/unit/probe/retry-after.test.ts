import { expect, test } from 'vitest'
import { readRetryAfter } from '../../../src/probe/uplink/coordinator-client.ts'
import { at } from '../../support/builders.ts'

const now = at('2026-03-13T12:00:00Z')

test.each([
  { why: 'seconds', header: '7', ms: 7_000 },
  { why: 'a date', header: 'Fri, 13 Mar 2026 12:00:30 GMT', ms: 30_000 },
  { why: 'a date that has passed', header: 'Fri, 13 Mar 2026 11:00:00 GMT', ms: 0 },
  { why: 'longer than anybody means', header: '86400', ms: 300_000 },
  { why: 'nonsense', header: 'soon', ms: undefined },
  { why: 'nothing', header: undefined, ms: undefined },
])('retry-after: $why', ({ header, ms }) => {
  expect(readRetryAfter(header, now)).toBe(ms)
})
