import type { z } from 'zod'
import { AppError, messageOf } from '../base/app-error.ts'
import { ERROR_CODES, type ErrorCode } from '../protocol/error-code.ts'
import { Problem, type RouteContract, urlFor } from '../protocol/public-api.ts'

/** Where the coordinator of the demo, and one that is started without more words, listens. */
const HERE = 'http://127.0.0.1:8080'

/** What `--coordinator` is when nobody says. */
export const usualCoordinator = (): string => process.env.FIREWATCH_COORDINATOR_URL ?? HERE

const ANSWER_MS = 60_000

export type Call = {
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  body?: unknown
}

/**
 * Asks a coordinator, by a route of its public interface.
 *
 * @throws {AppError} with the coordinator's own code where it refuses, `coordinator.refused` where it
 * answers something else, `coordinator.unreachable` where it does not.
 */
export async function askCoordinator<C extends RouteContract>(
  coordinator: string,
  contract: C,
  { params, query, body }: Call = {},
): Promise<z.output<C['response']>> {
  if (!URL.canParse(coordinator))
    throw new AppError('request.invalid', `--coordinator: ${coordinator} is no address`)
  const url = new URL(urlFor(contract, params, query), coordinator)
  const answer = await fetch(url, {
    method: contract.method,
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  }).catch((cause: unknown) => {
    throw new AppError(
      'coordinator.unreachable',
      `the coordinator at ${coordinator} does not answer: ${messageOf(cause)}`,
      { cause },
    )
  })
  const said: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) {
    const parsed = contract.response.safeParse(said)
    if (parsed.success) return parsed.data as z.output<C['response']>
    throw new AppError('coordinator.refused', `${coordinator} gave no answer of the expected form`)
  }
  const problem = Problem.safeParse(said)
  if (!problem.success)
    throw new AppError('coordinator.refused', `${coordinator} answered ${answer.status}`)
  const { code, title, detail } = problem.data
  const isKnown = Object.hasOwn(ERROR_CODES, code)
  throw new AppError(isKnown ? (code as ErrorCode) : 'coordinator.refused', detail ?? title)
}
