import { expect, test } from 'vitest'
import {
  artifactWords,
  awaitedNames,
  awaitedWords,
} from '../../../../src/dashboard/words/artifact-words.ts'
import { stepRows, stepsMs } from '../../../../src/dashboard/words/step-rows.ts'
import { shownWords, vitalWords } from '../../../../src/dashboard/words/vital-words.ts'
import type { Step } from '../../../../src/protocol/run.ts'

const aStep = (overrides: Partial<Step> = {}): Step => ({
  name: 'open',
  status: 'passed',
  startMs: 0,
  ms: 100,
  ...overrides,
})

test('steps are nested under their parents, and a circle of parents ends', () => {
  const steps = [aStep(), aStep({ parent: 0 }), aStep({ parent: 1 }), aStep({ parent: 3 })]
  expect(stepRows(steps).map(({ depth }) => depth)).toEqual([0, 1, 2, 4])
})

test.each([
  { why: 'no gross time', step: aStep(), evidence: undefined },
  { why: 'the same to the eye', step: aStep({ grossMs: 100.4 }), evidence: undefined },
  { why: 'a picture', step: aStep({ grossMs: 220 }), evidence: '+ 120 ms for evidence' },
])('evidence of a step: $why', ({ step, evidence }) => {
  expect(stepRows([step])[0]?.evidence).toBe(evidence)
})

test.each([
  {
    why: 'a soft failure',
    step: aStep({ isSoft: true, status: 'failed' }),
    notes: ['soft: the journey went on after it'],
  },
  { why: 'a soft step', step: aStep({ isSoft: true }), notes: ['soft: its failure ends nothing'] },
  {
    why: 'a skipped step',
    step: aStep({ status: 'skipped', reason: 'an earlier step failed' }),
    notes: ['an earlier step failed'],
  },
])('notes of a step: $why', ({ step, notes }) => {
  expect(stepRows([step])[0]?.notes).toEqual(notes)
})

test('the whole time includes evidence', () => {
  expect(stepsMs([aStep({ startMs: 50, grossMs: 300 }), aStep({ startMs: 100 })])).toBe(350)
})

test.each([
  { name: 'ttfb', value: 800, word: '✓ good' },
  { name: 'ttfb', value: 801, word: '◐ needs improvement' },
  { name: 'ttfb', value: 1_801, word: '✗ poor' },
  { name: 'fcp', value: 1_800, word: '✓ good' },
  { name: 'fcp', value: 3_001, word: '✗ poor' },
  { name: 'lcp', value: 2_501, word: '◐ needs improvement' },
  { name: 'lcp', value: 4_001, word: '✗ poor' },
  { name: 'inp', value: 201, word: '◐ needs improvement' },
  { name: 'inp', value: 501, word: '✗ poor' },
  { name: 'cls', value: 0.1, word: '✓ good' },
  { name: 'cls', value: 0.26, word: '✗ poor' },
] as const)('$name of $value is $word', ({ name, value, word }) => {
  expect(vitalWords(name, value)?.word).toBe(word)
})

test('a layout shift has no unit, a time has one, and what was not measured is told as nothing', () => {
  expect(vitalWords('cls', 0.1234)?.value).toBe('0.123')
  expect(vitalWords('lcp', 2_100)?.value).toBe('2.1 s')
  expect(vitalWords('inp', undefined)).toBeUndefined()
})

test.each([
  { shown: 20, all: 133, words: '20 of 133 shown' },
  { shown: 3, all: 3, words: '3' },
])('$words', ({ shown, all, words }) => {
  expect(shownWords(shown, all)).toBe(words)
})

test.each([
  { name: 'trace.zip', words: 'trace' },
  { name: 'step-03.png', words: 'picture 3' },
  { name: 'page.html', words: "page's DOM" },
  { name: 'other.bin', words: 'other.bin' },
])('$name is called $words', ({ name, words }) => {
  expect(artifactWords(name)).toBe(words)
})

test('an announced file is awaited for two minutes, then it did not come', () => {
  expect(awaitedWords(1_000, 121_000)).toBe('was announced; not here yet')
  expect(awaitedWords(1_000, 121_001)).toBe('did not come')
  expect(awaitedNames(['trace.zip', 'video.webm'], [{ name: 'trace.zip' }])).toEqual(['video.webm'])
})
