import type { Environment } from '../runtime/environment.ts'
import { commandWords } from './secrets/command-words.ts'
import { namesInCheck } from './secrets/names-in-check.ts'

/** What is wrong with the commands that should give checks their secrets, as far as they are set here. */
export function secretCommandProblems(
  checks: readonly unknown[],
  environment: Environment,
): string[] {
  const names = new Set(checks.flatMap((check) => [...namesInCheck(check)]))
  return [...names].toSorted().flatMap((name) => {
    const text = environment[`${name}_COMMAND`]
    const parsed = text ? commandWords(text) : undefined
    return parsed && 'problem' in parsed ? [`${name}_COMMAND: ${parsed.problem}`] : []
  })
}
