import { expect, test } from 'vitest'
import { createTimeBox, PATTERN_INPUT_MAX } from '../../../../src/probe/checks/time-box.ts'

test('says whether the text matches, as Unicode', () => {
  const { tryPattern } = createTimeBox()
  expect(tryPattern('^L.mp$', 'L🔆mp')).toBe('matches')
  expect(tryPattern('^L.mp$', 'Lump!')).toBe('differs')
})

test('looks at no more than the bound of the text', () => {
  const { tryPattern } = createTimeBox()
  expect(tryPattern('x', `${' '.repeat(PATTERN_INPUT_MAX)}x`)).toBe('differs')
})

test('a pattern that never ends is cut off, and all of them together too', () => {
  // As if this thread always had a processor, which tests beside it may take.
  const { tryPattern } = createTimeBox(() => performance.now())
  const evil = () => tryPattern('^(a|a)+$', `${'a'.repeat(200)}b`)
  const before = process.threadCpuUsage()
  expect(Array.from({ length: 20 }, evil)).toEqual(Array(20).fill('took_too_long'))
  // Twenty of them would take two seconds of the processor.
  expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(1_000)
})

test('work that did not get the processor is tried again; work that had it is not', () => {
  const firstNeverEnds = () => {
    let calls = 0
    return () => {
      if (calls++ === 0) for (;;);
      return 'done'
    }
  }
  expect(createTimeBox(() => 0).run(firstNeverEnds())).toEqual({ value: 'done' })
  let usedMs = 0
  const hadIt = createTimeBox(() => (usedMs += 150))
  expect(hadIt.run(firstNeverEnds())).toBeUndefined()
})

test('a thread that never gets the processor is the fault of the probe, not of the pattern', () => {
  const neverGets = createTimeBox(() => 0)
  const forEver = () => {
    for (;;);
  }
  expect(() => neverGets.run(forEver)).toThrow(/too little of a processor/)
})
