import { cronProblem } from '../../protocol/schedule.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { findPlace, type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationProblems, writtenAt } from './duration-rules.ts'
import { unknownName } from './region-rules.ts'

type Known = {
  regions: readonly string[] | undefined
  services: readonly string[] | undefined
  checks: readonly string[] | undefined
}

/** Windows that say once or again and again, in order, about things that exist. */
export function maintenanceProblems(yaml: YamlFile, known: Known): Problem[] {
  const windows = valueAt(yaml.value, ['windows'])
  if (!Array.isArray(windows)) return []
  return windows.flatMap((_, index) => {
    const path: Path = ['windows', index]
    return [...whenProblems(yaml, path), ...nameProblems(yaml, path, known)]
  })
}

function whenProblems(yaml: YamlFile, path: Path): Problem[] {
  const has = (key: string) => findPlace(yaml, [...path, key]) !== undefined
  const isOnce = has('from') || has('until')
  const isRecurring = has('cron') || has('lasts') || has('timeZone')
  const complete = isOnce ? has('from') && has('until') : has('cron') && has('lasts')
  if (isOnce === isRecurring || !complete)
    return [
      problemAt(yaml, path, {
        message: 'the window does not say when it is',
        expected: 'either "from" and "until", or "cron" and "lasts" with perhaps "timeZone"',
      }),
    ]
  return isOnce ? orderProblems(yaml, path) : recurrenceProblems(yaml, path)
}

function orderProblems(yaml: YamlFile, path: Path): Problem[] {
  const instant = (key: string) => Date.parse(String(valueAt(yaml.value, [...path, key])))
  if (!(instant('until') <= instant('from'))) return []
  const message = `"until" ${writtenAt(yaml, [...path, 'until'])} is not after "from"`
  return [problemAt(yaml, [...path, 'until'], { message })]
}

function recurrenceProblems(yaml: YamlFile, path: Path): Problem[] {
  const problems = durationProblems(yaml, [...path, 'lasts'])
  const cron = valueAt(yaml.value, [...path, 'cron'])
  const zone = valueAt(yaml.value, [...path, 'timeZone'])
  const complain = (key: string, what: string, expected: string) =>
    problems.push(
      problemAt(yaml, [...path, key], {
        message: `${quote(writtenAt(yaml, [...path, key]))} is no ${what}`,
        expected,
      }),
    )
  if (typeof cron === 'string' && cronProblem(cron, 'UTC') !== undefined)
    complain('cron', 'cron expression', 'five fields: minute hour day-of-month month day-of-week')
  if (typeof zone === 'string' && cronProblem('* * * * *', zone) !== undefined)
    complain('timeZone', 'IANA time zone', 'a name such as Europe/Berlin')
  return problems
}

function nameProblems(yaml: YamlFile, path: Path, known: Known): Problem[] {
  return (['services', 'checks', 'regions'] as const).flatMap((list) => {
    const names = valueAt(yaml.value, [...path, list])
    const defined = known[list]
    if (!Array.isArray(names) || !defined) return []
    return names.flatMap((name: unknown, index) =>
      typeof name === 'string'
        ? unknownName(yaml, [...path, list, index], list.slice(0, -1), name, defined)
        : [],
    )
  })
}
