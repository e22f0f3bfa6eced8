import { expect, test } from 'vitest'
import { dueBy, MISSED_GRACE_MS } from '../../../../src/domain/fleet/slot-accounting.ts'
import { at } from '../../../support/builders.ts'

const SLOT = at('2026-03-13T15:00:00Z')

test('a slot is awaited for two tries and what a run takes besides', () => {
  expect(dueBy({ timeoutMs: 5_000 }, SLOT)).toBe(SLOT + 10_000 + MISSED_GRACE_MS)
})
