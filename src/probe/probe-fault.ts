import type { Run, RunError } from '../protocol/run.ts'

type Identity = Pick<
  Run,
  | 'runId'
  | 'checkId'
  | 'regionId'
  | 'probeId'
  | 'slotAt'
  | 'startedAt'
  | 'definitionHash'
  | 'command'
>

/** The run of a slot in which the probe measured nothing, and says why. */
export function probeFault(identity: Identity, error: RunError): Run {
  return {
    ...identity,
    durationMs: 0,
    attempt: 1,
    verdict: 'probe_fault',
    error,
    phases: [],
    steps: [],
    assertions: [],
    facts: {},
    artifacts: [],
    log: [],
  }
}
