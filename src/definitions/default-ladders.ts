import type { Severity } from '../protocol/config.ts'
import type { Ladder, LadderStep, TeamRole } from '../protocol/on-call.ts'

const MINUTE_MS = 60_000

const step = (
  minutes: number,
  roles: readonly TeamRole[],
  by?: NonNullable<LadderStep['by']>,
): LadderStep => ({
  afterMs: minutes * MINUTE_MS,
  page: roles.map((role) => ({ kind: 'owner', role })),
  ...(by && { by }),
})

/** What rings or buzzes at once, without filling a mailbox. */
const PUSH: NonNullable<LadderStep['by']> = [
  'ntfy',
  'pagerduty',
  'opsgenie',
  'jsm',
  'sms',
  'slack',
  'webhook',
]

/**
 * Who is paged when, where `config/on-call.yaml` does not say. The two lower severities page nobody:
 * they are work for the next day.
 */
export const DEFAULT_LADDERS: Record<Severity, Ladder> = {
  'SEV-1': {
    steps: [
      step(0, ['primary']),
      step(2, ['primary']),
      step(5, ['secondary', 'primary']),
      step(10, ['manager']),
      step(15, ['everyone']),
    ],
    rounds: 3,
    acknowledgeWithinMs: 5 * MINUTE_MS,
    // An update is due every 15 minutes; five late, and nobody seems to be there any more.
    acknowledgementLastsMs: 20 * MINUTE_MS,
  },
  'SEV-2': {
    steps: [
      step(0, ['primary'], PUSH),
      step(5, ['primary'], PUSH),
      step(10, ['primary']),
      step(15, ['secondary']),
    ],
    rounds: 3,
    acknowledgeWithinMs: 15 * MINUTE_MS,
    acknowledgementLastsMs: 35 * MINUTE_MS,
  },
  'SEV-3': nobody(),
  'SEV-4': nobody(),
}

function nobody(): Ladder {
  return {
    steps: [],
    rounds: 1,
    acknowledgeWithinMs: 24 * 60 * MINUTE_MS,
    acknowledgementLastsMs: 7 * 24 * 60 * MINUTE_MS,
  }
}
