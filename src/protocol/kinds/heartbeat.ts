import { z } from 'zod'
import { checkBase } from '../check-base.ts'
import { secretName, written } from '../written-base.ts'
import { WrittenDuration } from '../written-duration.ts'
import { writtenDuration, writtenNumber } from '../written-matcher.ts'

/**
 * A job that reports by itself: it calls an address when it has run, and the coordinator notices when
 * the call does not come. No probe takes part.
 */

/** What a `heartbeat` check can expect of a call; that it comes in time is always expected. */
export const HeartbeatExpectations = z.strictObject({
  exitCode: writtenNumber.optional().describe('0 when absent.'),
  total: writtenDuration.optional().describe("From the job's start signal to its end."),
})

const { regions: _, timeout: __, retry: ___, ...writtenHere } = written

export const WrittenHeartbeatCheck = z.strictObject({
  ...writtenHere,
  kind: z.literal('heartbeat'),
  grace: WrittenDuration.optional().describe('How late the job may be; 1m when absent.'),
  token: secretName.describe("Variable of the coordinator that holds the job's token."),
  expect: HeartbeatExpectations.optional(),
  should: HeartbeatExpectations.optional(),
})

export const HeartbeatCheck = z.object({
  ...checkBase,
  kind: z.literal('heartbeat'),
  /** How much later than due the job may report. */
  graceMs: z.number().int().nonnegative(),
  /** Name of the coordinator's environment variable that holds the job's token. */
  token: z.string(),
})
export type HeartbeatCheck = z.infer<typeof HeartbeatCheck>
