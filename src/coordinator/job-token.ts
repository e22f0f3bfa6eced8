import { codeOf } from '../base/app-error.ts'
import { type CheckOf, isHeartbeat } from '../protocol/check.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'

type Secrets = Pick<CoordinatorParts, 'secret' | 'logger'>

/** The token that a job must show; undefined when its variable is not set, which the log says. */
export function jobToken(
  { secret, logger }: Secrets,
  { id, token }: Pick<CheckOf<'heartbeat'>, 'id' | 'token'>,
): string | undefined {
  const report = (problem: string) =>
    logger.error({ check: id, variable: token, problem }, 'calls of this job are refused')
  try {
    const value = secret(token)
    if (value) return value
    report(`${token} is not set`)
  } catch (error) {
    // The file that the variable names cannot be read; its path is all that could be said more.
    report(`${token} cannot be read: ${codeOf(error) ?? 'unknown'}`)
  }
  return undefined
}

/** Says in the log of each heartbeat whose token is missing, before its job calls in vain. */
export function warnOfMissingTokens(parts: CoordinatorParts): void {
  for (const check of parts.fleet.checks.filter(isHeartbeat)) jobToken(parts, check)
}
