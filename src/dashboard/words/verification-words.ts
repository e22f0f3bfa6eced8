import type { MitigationKind } from '../../protocol/mitigation.ts'
import type { GateCondition, GateConditionName } from '../../protocol/verification.ts'

/** What each condition of the gate is called. */
export const GATE_WORDS: { readonly [N in GateConditionName]: string } = {
  findings: 'Findings',
  errors: 'Failing share',
  latency: 'Latency',
  throughput: 'Throughput',
  missing: 'Missing runs',
  downstream: 'Downstream checks',
  manual_run: 'A run by hand',
  reconciliation: 'Data reconciled',
  communication: 'People told',
}

/** How a condition stands: a sign that needs no colour, and a word. */
export const GATE_STATE_WORDS: {
  readonly [S in GateCondition['state']]: { sign: string; word: string; tone: string }
} = {
  met: { sign: '✓', word: 'holds', tone: 'tone-passed' },
  waiting: { sign: '…', word: 'waits', tone: 'tone-degraded' },
  broken: { sign: '✗', word: 'broken', tone: 'tone-failed' },
  unknown: { sign: '?', word: 'not known', tone: 'tone-unknown' },
  not_needed: { sign: '–', word: 'not needed', tone: 'tone-unknown' },
}

export const MITIGATION_WORDS: { readonly [K in MitigationKind]: string } = {
  rollback: 'rollback',
  flag: 'feature flag',
  drain: 'drain',
  restart: 'restart',
  scale: 'scaling',
  failover: 'failover',
  degrade: 'graceful degradation',
  other: 'mitigation',
}
