import { expect, test } from 'vitest'
import {
  type EndedSlots,
  incidentMatrix,
  matrixChecks,
  matrixSpan,
} from '../../../../src/domain/incident/matrix.ts'
import {
  IncidentMatrix,
  MATRIX_CHECKS_MAX,
  MATRIX_MARGIN_MS,
} from '../../../../src/protocol/incident-matrix.ts'
import { BAR_SLOTS } from '../../../../src/protocol/public-paths.ts'
import type { SlotEnd } from '../../../../src/protocol/run.ts'
import { aCheck } from '../../../support/builders.ts'
import { anIncident, MINUTE, NOW } from './reports.ts'

const checks = [
  aCheck('http', { id: 'homepage', serviceId: 'storefront', tier: 'core' }),
  aCheck('http', { id: 'checkout-stop', serviceId: 'storefront', tier: 'minor' }),
  aCheck('http', { id: 'elsewhere', serviceId: 'other' }),
]
const incident = { ...anIncident(), impactStartedAt: NOW - 5 * MINUTE }

const ended = (regionId: string, bucket: number, end: SlotEnd, slots = 1): EndedSlots => ({
  ...{ checkId: 'checkout-stop', regionId, bucket, end, slots },
})

test('what was found comes first, then what watches the same service and saw nothing', () => {
  const { shown, left } = matrixChecks(incident, checks)
  expect(shown.map(({ check, isFinding }) => [check.id, isFinding])).toEqual([
    ['checkout-stop', true],
    ['homepage', false],
  ])
  expect(left).toBe(0)
  const many = Array.from({ length: MATRIX_CHECKS_MAX + 3 }, (_, index) =>
    aCheck('http', { id: `check-${index}`, serviceId: 'storefront' }),
  )
  expect(matrixChecks(incident, many)).toMatchObject({ left: 3 })
})

test.each([
  { why: 'while it goes on, until now', more: {}, until: NOW },
  {
    why: 'until a little after it was over',
    more: { recoveredAt: NOW - 20 * MINUTE },
    until: NOW - 20 * MINUTE + MATRIX_MARGIN_MS,
  },
])('its time is from a little before the impact: $why', ({ more, until }) => {
  const long = { ...incident, impactStartedAt: NOW - 60 * MINUTE, ...more }
  const { since, bucketMs } = matrixSpan(long, NOW)
  expect(since).toBe(NOW - 60 * MINUTE - MATRIX_MARGIN_MS)
  expect(since + BAR_SLOTS * bucketMs).toBeGreaterThanOrEqual(until)
  expect(since + BAR_SLOTS * bucketMs).toBeLessThan(until + BAR_SLOTS)
})

test('a cell is the worst that was seen of the target in its time; a fault of the probe says nothing of it', () => {
  const matrix = IncidentMatrix.parse(
    incidentMatrix({ since: 0, bucketMs: 1_000 }, matrixChecks(incident, checks), [
      ended('eu-west', 0, 'passed', 3),
      ended('eu-west', 1, 'passed', 2),
      ended('eu-west', 1, 'failed', 4),
      ended('eu-west', 2, 'probe_fault'),
      ended('eu-west', 2, 'passed'),
      ended('eu-west', 3, 'missed'),
    ]),
  )
  const [row] = matrix.checks
  const cell = row?.regions.find(({ regionId }) => regionId === 'eu-west')
  expect(cell?.ends.slice(0, 5)).toEqual(['passed', 'failed', 'passed', 'missed', null])
  expect(cell).toMatchObject({ slots: 12, failed: 4 })
})
