import { codeOf } from '../base/app-error.ts'
import type { CheckOf } from '../protocol/check.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'

type Job = Pick<CheckOf<'heartbeat'>, 'id' | 'token'>

/** The tokens that jobs must show. */
export type JobTokens = {
  /**
   * Undefined when its variable is not set. The log says that of each check once: whoever calls, and
   * needs no token for it, must not fill the log. How often it was is in the metrics.
   */
  find(job: Job): string | undefined
}

export function createJobTokens({
  secret,
  logger,
}: Pick<CoordinatorParts, 'secret' | 'logger'>): JobTokens {
  const reported = new Set<string>()

  function report({ id, token }: Job, problem: string): undefined {
    if (reported.has(id)) return
    reported.add(id)
    logger.error({ check: id, variable: token, problem }, 'calls of this job are refused')
  }

  return {
    find(job) {
      try {
        return secret(job.token) || report(job, `${job.token} is not set`)
      } catch (error) {
        // The file that the variable names cannot be read; its path is all that could be said more.
        return report(job, `${job.token} cannot be read: ${codeOf(error) ?? 'unknown'}`)
      }
    },
  }
}
