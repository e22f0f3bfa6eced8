import { expect, test } from 'vitest'
import { SLOT_SHAPES } from '../../../../src/dashboard/parts/slot-shapes.ts'
import { SLOT_STATES, SLOT_WORDS } from '../../../../src/dashboard/words/slot-words.ts'
import { SlotEnd } from '../../../../src/protocol/run.ts'

test('each state has a shape of its own and a word of its own, so that no colour is needed', () => {
  expect(SLOT_STATES).toEqual([...SlotEnd.options.slice(0, 5), 'awaited', 'skipped'])
  expect(new Set(SLOT_STATES.map((state) => SLOT_SHAPES[state](0))).size).toBe(SLOT_STATES.length)
  expect(new Set(SLOT_STATES.map((state) => SLOT_WORDS[state].word)).size).toBe(SLOT_STATES.length)
})
