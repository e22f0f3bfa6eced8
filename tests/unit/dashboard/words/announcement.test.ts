import { expect, test } from 'vitest'
import { announcement } from '../../../../src/dashboard/words/announcement.ts'
import { anIncidentSummary } from '../../../support/dashboard-builders.ts'

const incident = anIncidentSummary()

test.each([
  { before: [], after: [], expected: undefined, why: 'nothing happened' },
  {
    before: [incident],
    after: [{ ...incident, updatedAt: 9, headline: 'other words' }],
    expected: undefined,
    why: 'only words changed',
  },
  {
    before: [],
    after: [incident],
    expected: 'SEV-1 incident INC-1 is open: Storefront: Homepage fails.',
    why: 'it opened',
  },
  {
    before: [{ ...incident, severity: 'SEV-2' as const }],
    after: [incident],
    expected: 'INC-1 is now SEV-1.',
    why: 'it became more severe',
  },
  {
    before: [incident],
    after: [{ ...incident, state: 'verifying' as const }],
    expected: 'INC-1 is verifying.',
    why: 'it moved',
  },
  { before: [incident], after: [], expected: 'INC-1 is no longer open.', why: 'it is over' },
])('says $expected when $why', ({ before, after, expected }) => {
  expect(announcement(before, after)).toBe(expected)
})
