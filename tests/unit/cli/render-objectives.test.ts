import { expect, test } from 'vitest'
import { renderObjectives } from '../../../src/cli/render-objectives.ts'
import type { Objective, ObjectiveStatus } from '../../../src/protocol/objective.ts'

const NOW = 1_773_414_000_000
const objective: Objective = {
  ...{ id: 'orders/available', serviceId: 'orders', name: 'available' },
  ...{ target: 0.99, periodMs: 7 * 86_400_000, checks: ['orders-api'] },
}
const status: ObjectiveStatus = {
  ...{ state: 'quiet', since: NOW, reason: 'it is calm', regions: [], evaluatedAt: NOW },
  ...{ spentShare: 0.02, burnRate: 0, outlook: null },
  period: { good: 14, bad: 1, unknown: 1 },
  lastHour: { good: 14, bad: 1, unknown: 2 },
}

test('of runs it says how many were good, and how many slots are unknown', () => {
  const text = renderObjectives([{ objective, status }])
  expect(text).toContain('stands on 14 of 15 runs good, 1 slot unknown (of probes)')
  expect(text).toContain('last hour 14 of 15 runs good, 2 slots unknown')
})

test('what another system answered cannot steer the terminal', () => {
  const problem = { since: NOW, reason: 'orders-all: it answered 502: \u001b[2Jgone' }
  const traffic = { countedUntil: NOW, problem }
  const text = renderObjectives([{ objective, status: { ...status, traffic } }])
  expect(text).toContain('it answered 502: \ufffd[2Jgone')
  expect(text).not.toContain('\u001b')
})

test('a service without any is told apart from a fleet without any', () => {
  expect(renderObjectives([])).toBe('No objective is defined.\n')
  expect(renderObjectives([], 'odrers')).toBe('No objective of a service odrers is defined.\n')
})
