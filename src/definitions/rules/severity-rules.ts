import { Severity } from '../../protocol/severity.ts'
import type { Problem } from '../problem.ts'
import { problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationProblems } from './duration-rules.ts'

/** The first rule that matches wins, so the one that matches everything must be the last, and only. */
export function severityProblems(yaml: YamlFile): Problem[] {
  const rules = valueAt(yaml.value, ['rules'])
  if (!Array.isArray(rules)) return []
  return rules.flatMap((rule, index) => {
    const conditions = valueAt(rule, ['when'])
    if (typeof conditions !== 'object' || conditions === null) return []
    const matchesAll = Object.keys(conditions).length === 0
    const isLast = index === rules.length - 1
    if (matchesAll === isLast) return []
    const complaint = isLast
      ? { message: 'the last rule does not match everything', expected: 'when: {}' }
      : { message: 'no rule after this one can match', expected: 'when: {} in the last rule only' }
    return [problemAt(yaml, ['rules', index, 'when'], complaint)]
  })
}

/** How often people hear of an incident must leave room for the reminders. */
export const updateEveryProblems = (yaml: YamlFile): Problem[] =>
  Severity.options.flatMap((severity) =>
    durationProblems(yaml, ['severities', severity, 'updateEvery']),
  )
