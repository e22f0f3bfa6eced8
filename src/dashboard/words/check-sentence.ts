import type { CheckOverview } from '../../protocol/public-api.ts'

const VERBS = { quiet: 'is quiet', pending: 'is pending', firing: 'fires' } as const

/** A check in one sentence: what its alert does, and why. */
export const checkSentence = (check: Pick<CheckOverview, 'name' | 'alert'>): string =>
  `The alert of ${check.name} ${VERBS[check.alert.state]}: ${check.alert.reason}.`
