import { expect, test } from 'vitest'
import {
  findingReach,
  isOpenState,
  phaseIndex,
  STATE_WORDS,
} from '../../../../src/dashboard/words/incident-words.ts'
import { IncidentState, OPEN_STATES } from '../../../../src/protocol/incident.ts'

test('what counts as open is what the protocol says', () => {
  const open = IncidentState.options.filter(isOpenState)
  expect(open).toEqual([...OPEN_STATES])
})

test('every state has its words', () => {
  expect(Object.keys(STATE_WORDS)).toEqual(IncidentState.options)
})

test.each([
  { state: 'triage', expected: 0 },
  { state: 'verifying', expected: 2 },
  { state: 'closed', expected: 4 },
  { state: 'merged', expected: undefined },
] as const)('$state stands at phase $expected', ({ state, expected }) => {
  expect(phaseIndex(state)).toBe(expected)
})

test.each([
  {
    regions: ['eu-west'],
    regionsWatching: 1,
    expected: 'in eu-west, the only region that watches it',
  },
  { regions: ['eu-west', 'us-east'], regionsWatching: 2, expected: 'in 2 of 2 regions' },
  { regions: ['eu-west'], regionsWatching: 3, expected: 'in eu-west (1 of 3 regions)' },
])('a finding reaches: $expected', ({ expected, ...finding }) => {
  expect(findingReach(finding)).toBe(expected)
})
