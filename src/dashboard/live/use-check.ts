import type { LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { CheckAnswer } from './answers.ts'
import { applyToCheck } from './apply-event.ts'
import { type Resource, useResource } from './use-resource.ts'

/** One check with its bars, live. */
export const useCheck = (checkId: string): Resource<CheckAnswer> =>
  useResource<CheckAnswer>(addressOf(PATHS.check, { checkId }), { apply })

function apply(answer: CheckAnswer, event: LiveEvent): CheckAnswer {
  const overview = applyToCheck(answer.overview, event)
  return overview === answer.overview ? answer : { ...answer, overview }
}
