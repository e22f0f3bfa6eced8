import { expect, test } from 'vitest'
import { nowSentence } from '../../../../src/dashboard/words/now-sentence.ts'
import { aBar, aNow, anIncidentSummary, anOverview } from '../../../support/dashboard-builders.ts'

const passing = anOverview({ 'eu-west': aBar('passed'), 'us-east': aBar('passed') })
const failing = anOverview(
  { 'eu-west': aBar('failed'), 'us-east': aBar('passed') },
  { name: 'Orders API' },
)
const unknown = anOverview({ 'eu-west': aBar('passed') }, { alert: { unknown: ['eu-west'] } })
const incident = anIncidentSummary()

test.each([
  {
    now: aNow([passing, passing]),
    expected: 'No incident is open. 2 of 2 checks pass in every region.',
  },
  { now: aNow([passing]), expected: 'No incident is open. 1 of 1 check passes in every region.' },
  {
    now: aNow([passing, failing], { incidents: [incident] }),
    expected:
      'One incident is open: Storefront: Homepage fails. 1 of 2 checks pass in every region; Orders API fails.',
  },
  {
    now: aNow([failing, failing], {
      incidents: [anIncidentSummary({ severity: 'SEV-3' }), { ...incident, severity: 'SEV-2' }],
    }),
    expected:
      '2 incidents are open, the worst is SEV-2. 0 of 2 checks pass in every region; Orders API and Orders API fail.',
  },
  {
    now: aNow([passing, unknown]),
    expected:
      'No incident is open. 1 of 2 checks pass in every region; 1 check lacks a fresh run somewhere.',
  },
  { now: aNow([]), expected: 'No incident is open. No check is defined.' },
])('$expected', ({ now, expected }) => {
  expect(nowSentence(now)).toBe(expected)
})

test('before the first run nothing is said to pass', () => {
  const { newestRunAt: _, ...beforeTheFirst } = aNow([passing])
  expect(nowSentence(beforeTheFirst)).toBe('No incident is open. No check has run yet.')
})
