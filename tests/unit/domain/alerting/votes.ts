import type { AlertInput } from '../../../../src/domain/alerting/alert-decision.ts'
import { evaluateAlert } from '../../../../src/domain/alerting/evaluate-alert.ts'
import type { Vote } from '../../../../src/domain/alerting/judge-region.ts'
import type { AlertRule } from '../../../../src/protocol/alert-rule.ts'
import type { AlertStatus } from '../../../../src/protocol/public-api.ts'
import { at } from '../../../support/builders.ts'

export const NOW = at('2026-03-13T15:00:00Z')
export const PERIOD_MS = 10_000
export const FRESH_FOR_MS = 45_000
export const RULE: AlertRule = { failuresToFire: 3, regionsMin: 2, passesToResolve: 2 }

const VERDICTS = { P: 'passed', F: 'failed', D: 'degraded', I: 'probe_fault' } as const

/**
 * Votes written newest first, one letter a slot: `FFP` failed twice after it passed. A dot is a slot
 * without a vote. The newest slot is at `newestAt`.
 */
export function votes(
  written: string,
  { newestAt = NOW - 1_000, region = 'eu-west' } = {},
): Vote[] {
  return [...written].flatMap((letter, index) => {
    if (letter === '.') return []
    const verdict = VERDICTS[letter as keyof typeof VERDICTS]
    if (!verdict) throw new Error(`no verdict is written ${letter}`)
    const slotAt = newestAt - index * PERIOD_MS
    return [
      { verdict, slotAt, runId: `${region}-${slotAt}`, startedAt: slotAt + 50, durationMs: 120 },
    ]
  })
}

export type Written = Record<string, string>

export const byRegion = (written: Written) =>
  new Map(Object.entries(written).map(([region, text]) => [region, votes(text, { region })]))

const QUIET: AlertStatus = {
  state: 'quiet',
  since: NOW - 3_600_000,
  scope: 'unknown',
  reason: 'no run has come in yet',
  failing: [],
  healthy: [],
  unknown: [],
}

export const anAlert = (overrides: Partial<AlertStatus> = {}): AlertStatus => ({
  ...QUIET,
  ...overrides,
})

export const firingIn = (implicated: string[], overrides: Partial<AlertStatus> = {}) =>
  anAlert({ state: 'firing', scope: 'regional', failing: implicated, implicated, ...overrides })

export function inputOf(
  written: Written,
  { rule = {}, ...overrides }: Partial<AlertInput> & { rule?: Partial<AlertRule> } = {},
): AlertInput {
  return {
    check: { name: 'checkout-stop', alert: { ...RULE, ...rule }, regions: Object.keys(written) },
    alert: anAlert(),
    votesByRegion: byRegion(written),
    freshForMs: FRESH_FOR_MS,
    now: NOW,
    ...overrides,
  }
}

export const evaluate = (...args: Parameters<typeof inputOf>) => evaluateAlert(inputOf(...args))
