import type { TimeName } from '../../protocol/incident-times.ts'

/** What each time is called, in the order in which they pass. */
export const TIME_WORDS: { readonly [N in TimeName]: string } = {
  mttd: 'to detect (MTTD)',
  mtta: 'to acknowledge (MTTA)',
  mttm: 'to mitigate (MTTM)',
  mttr: 'to restore (MTTR)',
  impact: 'impact on customers',
  resolve: 'to resolve',
}
export const TIME_NAMES = Object.keys(TIME_WORDS) as TimeName[]
