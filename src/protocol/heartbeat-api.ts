import { z } from 'zod'

/**
 * What jobs call, with `curl` or `wget` from a crontab: `POST`, `GET` or `HEAD`, below
 * {@link HEARTBEAT_API_PREFIX}:
 *
 *     /<check id>              it has run, and well
 *     /<check id>/start        it starts
 *     /<check id>/fail         it has failed
 *     /<check id>/exit/<code>  it has ended with this exit code
 *
 * The token is in `authorization: Bearer …` or `?token=…`. The body is the end of the job's log, as
 * text; `?run=…` names the execution where several may be under way at once. The answer is `ok`, once
 * what was said is stored.
 */
export const HEARTBEAT_API_PREFIX = '/api/heartbeat/v1'

/** Longest log that one call may bring. */
export const JOB_LOG_SENT_BYTES_MAX = 64 * 1024

/** Calls of one job in a minute. */
export const JOB_CALLS_PER_MINUTE_MAX = 120

export const JobCallQuery = z.object({
  token: z.string().max(1_000).optional(),
  run: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'expected at most 64 letters, digits, - _ . or :')
    .optional(),
})

export const JobExitCode = z.coerce
  .number('expected an exit code from 0 to 255')
  .int()
  .min(0)
  .max(255)
