import { expect, test } from 'vitest'
import { measureDetection } from '../../../../src/domain/incident/measure-detection.ts'
import { reportFinding } from '../../../../src/domain/incident/transition.ts'
import type { IncidentEvent } from '../../../../src/protocol/incident.ts'
import { aCheck } from '../../../support/builders.ts'
import { aFinding, aReport, globally, NOW } from './reports.ts'

const check = aCheck('http', {
  id: 'checkout-stop',
  schedule: { kind: 'interval', everyMs: 30_000 },
  regions: ['eu-west', 'us-east', 'ap-south'],
  timeoutMs: 2_000,
})
const opened = (finding = aFinding()) => reportFinding(undefined, aReport({ finding }))

test.each([
  {
    why: 'everywhere, the looks of all regions count',
    events: opened(globally({ checkId: 'checkout-stop', since: NOW - 4_000 })),
    expected: { tookMs: 4_000, uncertainMs: 10_000, promisedMs: 20_000 + 2_000 + 3_000 },
  },
  {
    why: 'in one region its own interval counts',
    events: opened(aFinding({ checkId: 'checkout-stop', scope: 'regional', since: NOW - 61_000 })),
    expected: { tookMs: 61_000, uncertainMs: 30_000, promisedMs: 90_000 + 2_000 + 3_000 },
  },
  {
    why: 'a finding of no check promises nothing',
    events: opened(aFinding({ kind: 'signal', checkId: undefined, since: NOW - 1_000 })),
    expected: { tookMs: 1_000 },
  },
])('$why', ({ events, expected }) => {
  expect(measureDetection(events, [check])).toEqual(expected)
})

test('what joins later does not change it, and what a person declared was not found', () => {
  const events = opened(globally({ checkId: 'checkout-stop', since: NOW - 4_000 }))
  const measured = measureDetection(events, [check])
  expect(
    measureDetection([...events, ...opened(aFinding({ since: NOW - 900_000 }))], [check]),
  ).toEqual(measured)
  const [first] = events as [IncidentEvent]
  expect(measureDetection([first], [check])).toBeUndefined()
})
