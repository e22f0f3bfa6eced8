import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../base/app-error.ts'
import type { JobCall } from '../../../domain/heartbeat/take-call.ts'
import { type CheckOf, isHeartbeat } from '../../../protocol/check.ts'
import {
  HEARTBEAT_API_PREFIX,
  JOB_CALLS_PER_MINUTE_MAX,
  JOB_LOG_SENT_BYTES_MAX,
  JobCallQuery,
  JobExitCode,
} from '../../../protocol/heartbeat-api.ts'
import { bearerToken } from '../../access/bearer-token.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { receiveCall } from '../../heartbeat-desk.ts'
import { jobLog } from '../../job-log.ts'
import { isSameSecret } from '../../same-secret.ts'

/** Calls of one address in a minute, whoever they say they are: all jobs of a network may share one. */
const REQUESTS_PER_MINUTE_MAX = 3_000
const MINUTE_MS = 60_000

const Params = z.object({ checkId: z.string(), exitCode: JobExitCode.optional() })

/** What jobs call; see `protocol/heartbeat-api.ts`. */
export function registerHeartbeats(server: FastifyInstance, parts: CoordinatorParts): void {
  const isTooMany = createCallCounter(() => parts.clock.now())

  const answer =
    (signal: JobCall['signal']) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.header('cache-control', 'no-store')
      const { checkId, exitCode } = request.params as z.infer<typeof Params>
      const { token, run } = request.query as z.infer<typeof JobCallQuery>
      const given = bearerToken(request.headers.authorization) ?? token ?? ''
      const { job, value } = admit(parts, checkId, given)
      if (isTooMany(job.id)) {
        parts.metrics.jobCalls('too_many')
        reply.header('retry-after', MINUTE_MS / 1_000)
        throw new AppError(
          'request.too_many',
          `at most ${JOB_CALLS_PER_MINUTE_MAX} calls of one job in a minute`,
        )
      }
      const sent = Buffer.isBuffer(request.body) ? request.body : undefined
      const log = jobLog(sent, { name: job.token, value })
      parts.metrics.jobCalls(await receiveCall(parts, job, { signal, exitCode, run }, log))
      return reply.type('text/plain; charset=utf-8').send('ok\n')
    }

  server.register(
    async (scope) => {
      await scope.register(fastifyRateLimit, {
        max: REQUESTS_PER_MINUTE_MAX,
        timeWindow: MINUTE_MS,
      })
      // Whatever curl says the log is, it is text.
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
        done(null, body),
      )
      const route = (url: string, signal: JobCall['signal']) =>
        scope.route({
          method: ['GET', 'HEAD', 'POST'],
          url,
          config: { access: 'signed' },
          bodyLimit: JOB_LOG_SENT_BYTES_MAX,
          schema: { hide: true, params: Params, querystring: JobCallQuery },
          handler: answer(signal),
        })
      route('/:checkId', 'success')
      route('/:checkId/start', 'start')
      route('/:checkId/fail', 'fail')
      route('/:checkId/exit/:exitCode', 'exit')
    },
    { prefix: HEARTBEAT_API_PREFIX },
  )
}

/**
 * The job that may call so, and its token. Who does not know a token learns nothing, not even which
 * checks there are; except while the coordinator itself lacks a job's token. Then whoever shows one is
 * told so, since it may be the job, which must call again and not take its call for lost.
 */
function admit(
  parts: CoordinatorParts,
  checkId: string,
  given: string,
): { job: CheckOf<'heartbeat'>; value: string } {
  const job = parts.fleet.checks.filter(isHeartbeat).find((check) => check.id === checkId)
  const value = job && parts.jobTokens.find(job)
  if (job && value === undefined && given !== '') {
    parts.metrics.jobCalls('token_missing')
    throw new AppError('heartbeat.token_missing', 'the call was not taken; call again later')
  }
  // Compared in either case, so that both take the same time.
  const isKnown = isSameSecret(given, value ?? 'no job has this')
  if (job && value !== undefined && isKnown) return { job, value }
  parts.metrics.jobCalls('refused')
  throw new AppError('check.unknown', 'no such heartbeat, or not with this token')
}

/** Counts the calls of each job in the current minute; true when one is too many. */
function createCallCounter(now: () => number): (checkId: string) => boolean {
  let minute = 0
  const calls = new Map<string, number>()
  return (checkId) => {
    const current = Math.floor(now() / MINUTE_MS)
    if (current !== minute) calls.clear()
    minute = current
    const count = (calls.get(checkId) ?? 0) + 1
    calls.set(checkId, count)
    return count > JOB_CALLS_PER_MINUTE_MAX
  }
}
