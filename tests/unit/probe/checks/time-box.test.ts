import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { createTimeBox, PATTERN_INPUT_MAX } from '../../../../src/probe/checks/time-box.ts'

const monotonic = () => performance.now()

test('says whether the text matches, as Unicode', () => {
  const { tryPattern } = createTimeBox(monotonic)
  expect(tryPattern('^L.mp$', 'L🔆mp')).toBe('matches')
  expect(tryPattern('^L.mp$', 'Lump!')).toBe('differs')
})

test('looks at no more than the bound of the text', () => {
  const { tryPattern } = createTimeBox(monotonic)
  expect(tryPattern('x', `${' '.repeat(PATTERN_INPUT_MAX)}x`)).toBe('differs')
})

test('a pattern that never ends is cut off, and all of them together too', () => {
  const { tryPattern } = createTimeBox(monotonic)
  const evil = () => tryPattern('^(a|a)+$', `${'a'.repeat(200)}b`)
  const startedAt = monotonic()
  expect(Array.from({ length: 20 }, evil)).toEqual(Array(20).fill('took_too_long'))
  // Twenty of them would take two seconds.
  expect(monotonic() - startedAt).toBeLessThan(1_500)
})
