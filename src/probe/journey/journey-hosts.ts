import type { CheckOf } from '../../protocol/check.ts'
import type { CheckContext } from '../checks/check-runner.ts'

/** The warm browsers of a probe, each in a child process that can be killed. */
export type JourneyHosts = {
  /** Runs a journey in a free host; writes into `context.findings`; throws what failed. */
  run(check: CheckOf<'journey'>, context: CheckContext): Promise<void>
  /** Chromium's version, or why there is none; for heartbeats. */
  browser(): string
  stop(): Promise<void>
}
