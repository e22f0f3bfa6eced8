import { formatDuration } from '../../base/duration.ts'
import { cronProblem } from '../../protocol/schedule.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { findPlace, type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationAt, durationProblems, writtenAt } from './duration-rules.ts'
import { checkPaths, whereWritten } from './inherited.ts'

const DEFAULTS: Path = ['defaults']

/** When checks run: one way of saying it, in bounds, with time for a run to end before the next. */
export function scheduleProblems(yaml: YamlFile): Problem[] {
  const checks = checkPaths(yaml)
  return [
    ...[DEFAULTS, ...checks].flatMap((holder) => [
      ...bothWays(yaml, holder),
      ...durationProblems(yaml, [...holder, 'every']),
      ...durationProblems(yaml, [...holder, 'timeout']),
      ...durationProblems(yaml, [...holder, 'grace']),
      ...cronProblems(yaml, holder),
    ]),
    ...checks.flatMap((check) => [
      ...neitherWay(yaml, check),
      ...zoneWithoutCron(yaml, check),
      ...overlap(yaml, check),
    ]),
    ...unusedZone(yaml, checks),
  ]
}

const has = (yaml: YamlFile, holder: Path, key: string) =>
  findPlace(yaml, [...holder, key]) !== undefined

/** Who says when a check runs: itself, else the defaults; the two are never mixed. */
function scheduleHolder(yaml: YamlFile, check: Path): Path | undefined {
  return [check, DEFAULTS].find((holder) => has(yaml, holder, 'every') || has(yaml, holder, 'cron'))
}

function bothWays(yaml: YamlFile, holder: Path): Problem[] {
  if (!has(yaml, holder, 'every') || !has(yaml, holder, 'cron')) return []
  const complaint = { message: '"cron" and "every" both say when', expected: 'one of the two' }
  return [problemAt(yaml, [...holder, 'cron'], complaint, 'key')]
}

function neitherWay(yaml: YamlFile, check: Path): Problem[] {
  if (scheduleHolder(yaml, check)) return []
  return [
    problemAt(yaml, check, {
      message: 'nothing says when this check runs',
      expected: '"every" or "cron", here or in "defaults"',
    }),
  ]
}

function cronProblems(yaml: YamlFile, holder: Path): Problem[] {
  const problems: Problem[] = []
  const complain = (key: string, timeZone: string, expression: string) => {
    const path = [...holder, key]
    const reason = cronProblem(expression, timeZone)
    if (reason === undefined) return
    const name = key === 'cron' ? 'cron expression' : 'IANA time zone'
    const message = `${quote(writtenAt(yaml, path))} is no ${name}`
    problems.push(problemAt(yaml, path, { message, expected: expectedAt(yaml, path, reason) }))
  }
  const cron = valueAt(yaml.value, [...holder, 'cron'])
  if (typeof cron === 'string') complain('cron', 'UTC', cron)
  const zone = valueAt(yaml.value, [...holder, 'timeZone'])
  if (typeof zone === 'string') complain('timeZone', zone, '* * * * *')
  return problems
}

const CRON_FIELDS = 'five fields: minute hour day-of-month month day-of-week'

function expectedAt(yaml: YamlFile, path: Path, reason: string): string {
  if (path.at(-1) === 'timeZone') return 'a name such as Europe/Berlin'
  // The parser's own words quote the expression, and a variable's value is not ours to show.
  if (findPlace(yaml, path)?.written !== undefined || reason.startsWith('expected '))
    return CRON_FIELDS
  return `${CRON_FIELDS} (${reason.replace(/\.$/, '')})`
}

function zoneWithoutCron(yaml: YamlFile, check: Path): Problem[] {
  const holder = scheduleHolder(yaml, check)
  if (!has(yaml, check, 'timeZone') || !holder || has(yaml, holder, 'cron')) return []
  const complaint = {
    message: '"timeZone" without "cron" says nothing',
    expected: 'a cron expression with it, since intervals do not follow the wall clock',
  }
  return [problemAt(yaml, [...check, 'timeZone'], complaint, 'key')]
}

function unusedZone(yaml: YamlFile, checks: readonly Path[]): Problem[] {
  const isUsed = checks.some((check) => {
    const holder = scheduleHolder(yaml, check)
    return !holder || has(yaml, holder, 'cron')
  })
  if (!has(yaml, DEFAULTS, 'timeZone') || isUsed) return []
  const complaint = { message: '"timeZone" in "defaults", but no check has a "cron"' }
  return [problemAt(yaml, [...DEFAULTS, 'timeZone'], complaint, 'key')]
}

function overlap(yaml: YamlFile, check: Path): Problem[] {
  // A job calls by itself; the timeout of the defaults is for those that are looked at.
  if (valueAt(yaml.value, [...check, 'kind']) === 'heartbeat') return []
  const holder = scheduleHolder(yaml, check)
  const timeout = whereWritten(yaml, check, ['timeout'])
  if (!holder || !timeout || has(yaml, holder, 'cron')) return []
  const every: Path = [...holder, 'every']
  const everyMs = durationAt(yaml, every)
  const timeoutMs = durationAt(yaml, timeout)
  if (everyMs === undefined || timeoutMs === undefined || timeoutMs <= everyMs) return []
  // Where the check itself says one of the two, that is the one to change.
  const place = timeout[0] === 'defaults' ? every : timeout
  const isInterval = findPlace(yaml, every)?.written === undefined
  return [
    problemAt(yaml, place, {
      message: `"timeout" ${writtenAt(yaml, timeout)} is longer than "every" ${writtenAt(yaml, every)}, so runs would overlap`,
      expected: isInterval
        ? `a timeout of at most ${formatDuration(everyMs)}`
        : 'a timeout that is not longer than the interval',
    }),
  ]
}
