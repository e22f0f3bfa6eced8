import { WHY_DEPTH_MAX, WHYS_MAX, type Why } from '../../protocol/postmortem.ts'

/** Says why a tree of whys is too large, or nothing when it is not. */
export function refuseTree(answers: readonly Why[]): string | undefined {
  if (depthOf(answers) > WHY_DEPTH_MAX)
    return `the whys go ${depthOf(answers)} deep; at most ${WHY_DEPTH_MAX}`
  if (countOf(answers) > WHYS_MAX)
    return `there are ${countOf(answers)} answers; at most ${WHYS_MAX}`
  return undefined
}

const depthOf = (answers: readonly Why[]): number =>
  answers.length === 0 ? 0 : 1 + Math.max(...answers.map(({ whys }) => depthOf(whys)))

const countOf = (answers: readonly Why[]): number =>
  answers.reduce((sum, { whys }) => sum + 1 + countOf(whys), 0)
