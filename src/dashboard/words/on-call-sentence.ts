import type { OnCallAnswer } from '../live/answers.ts'
import { joinNames } from './quantity.ts'

/** The page's answer: who is on call, or which team has nobody. */
export function onCallSentence({ teams }: Pick<OnCallAnswer, 'teams'>): string {
  if (teams.length === 0) return 'Nobody is on call'
  const without = teams.filter(({ primary }) => 'nobody' in primary)
  if (without.length > 0)
    return `Nobody is on call for ${joinNames(without.map(({ name }) => name))}`
  const only = teams.length === 1 ? teams[0] : undefined
  if (only && 'people' in only.primary)
    return `${joinNames(only.primary.people.map(({ name }) => name))} is on call for ${only.name}`
  return `All ${teams.length} teams have somebody on call`
}
