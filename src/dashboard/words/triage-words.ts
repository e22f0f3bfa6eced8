import type { Scope } from '../../protocol/config.ts'
import type { Layer } from '../../protocol/finding-kind.ts'
import type { Change } from '../../protocol/signal.ts'
import type { SimilarIncident } from '../../protocol/triage-card.ts'

export const LAYER_WORDS: { readonly [L in Layer]: string } = {
  probes: 'the probes',
  metrics: 'metrics',
  logs: 'logs',
  objectives: 'objectives',
  vendors: 'vendors',
  users: 'users',
  fleet: 'the fleet’s own watch',
}

export const SCOPE_WORDS: { readonly [S in Scope]: string } = {
  global: 'global',
  regional: 'regional',
  unknown: 'not known',
}

export const ALIKE_WORDS: { readonly [A in SimilarIncident['alike'][number]]: string } = {
  failure: 'failure',
  step: 'step',
  check: 'check',
}

export const FIXED_WORDS: { readonly [F in SimilarIncident['fixedBy'][number]['from']]: string } = {
  cause: 'The cause',
  mitigation: 'What ended it',
  note: 'Note',
}

export const CHANGE_WORDS: { readonly [K in Change['kind']]: string } = {
  deploy: 'Deployed',
  rollback: 'Rolled back',
  config: 'Configured',
  flag: 'Flag switched',
  migration: 'Migrated',
  infrastructure: 'Infrastructure changed',
  other: 'Changed',
}
