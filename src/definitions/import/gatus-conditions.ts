import { formatDuration } from '../../base/duration.ts'
import { isMapping, parseGoDuration, toPattern } from './foreign-file.ts'

type Matcher = Record<string, unknown>

/** What an endpoint's conditions become: subjects of `expect`, each with what it must be. */
export type Expectations = Record<string, unknown>

/** Subjects that kinds name in their own way, or do not have. */
export type Subjects = {
  body?: string
  certificate?: string
  domain?: string
  json?: boolean
  status?: boolean
  rcode?: boolean
}

const CONDITION = /^(.+?)\s+(==|!=|<=|>=|<|>)\s+(.+)$/
const DAY_MS = 86_400_000

/** Adds one condition; gives why it cannot be said when it cannot. */
export function addCondition(
  expect: Expectations,
  condition: string,
  subjects: Subjects,
): string | undefined {
  const [, left, operator, right] = CONDITION.exec(condition.trim()) ?? []
  if (left === undefined || operator === undefined || right === undefined)
    return 'is no condition that we know'
  const said = sayCondition(left, operator, right, subjects)
  if (typeof said === 'string') return said
  for (const [subject, value] of Object.entries(said)) {
    const known = expect[subject]
    if (known === undefined) expect[subject] = value
    else if (isMapping(known) && isMapping(value) && areApart(known, value))
      expect[subject] = { ...known, ...value }
    else if (JSON.stringify(known) !== JSON.stringify(value))
      return `says a second thing about ${subject}: put the two together`
  }
  return undefined
}

/** Of two matchers only what they do not both say can stand together. */
const areApart = (known: Matcher, more: Matcher) =>
  Object.keys(more).every((key) => !(key in known))

function sayCondition(
  left: string,
  operator: string,
  right: string,
  subjects: Subjects,
): Expectations | string {
  // That it connects is always expected.
  if (left === '[CONNECTED]' && operator === '==' && right === 'true') return {}
  if (left === '[STATUS]' && subjects.status) return sayStatus(operator, right)
  if (left === '[RESPONSE_TIME]') {
    const ms = Number(right)
    if (!Number.isInteger(ms) || !operator.startsWith('<')) return 'is no upper limit'
    return { total: { max: formatDuration(operator === '<' ? Math.max(1, ms - 1) : ms) } }
  }
  if (left === '[DNS_RCODE]' && subjects.rcode && operator === '==') return { rcode: right }
  if (left === '[CERTIFICATE_EXPIRATION]') return sayDays(subjects.certificate, operator, right)
  if (left === '[DOMAIN_EXPIRATION]') return sayDays(subjects.domain, operator, right)
  return sayBody(left, operator, right, subjects)
}

function sayStatus(operator: string, right: string) {
  const list = /^any\((.*)\)$/.exec(right)?.[1]
  if (list !== undefined && operator === '==')
    return { status: list.split(',').map((one) => Number(one)) }
  const status = Number(right)
  if (!Number.isInteger(status)) return 'compares the status with no number'
  if (operator === '==') return { status }
  const limits: Record<string, [number, number]> = {
    '<': [100, status - 1],
    '<=': [100, status],
    '>': [status + 1, 599],
    '>=': [status, 599],
  }
  const [from, to] = limits[operator] ?? []
  return from === undefined || to === undefined || from > to
    ? 'cannot be said of a status: list what is right'
    : { status: `${from}-${to}` }
}

function sayDays(subject: string | undefined, operator: string, right: string) {
  if (subject === undefined) return 'needs a check of kind tls'
  const ms = parseGoDuration(right) ?? Number(right)
  if (!operator.startsWith('>') || !Number.isFinite(ms)) return 'is no lower limit'
  return { [subject]: { min: Math.ceil(ms / DAY_MS) } }
}

function sayBody(left: string, operator: string, right: string, subjects: Subjects) {
  const inner = /^(len|has)\((.*)\)$/.exec(left)
  const operand = inner?.[2] ?? left
  const path = /^\[BODY\](.*)$/.exec(operand)?.[1]
  if (path === undefined || right.startsWith('[')) return 'has no equivalent'
  const matcher = inner ? undefined : compare(operator, right)
  if (path === '') {
    if (inner || !matcher || subjects.body === undefined) return 'has no equivalent'
    return { [subjects.body]: matcher }
  }
  if (!subjects.json) return 'looks into JSON, which this kind does not'
  const query = `$${path.startsWith('[') ? path : `.${path.replace(/^\./, '')}`}`
  if (inner?.[1] === 'has')
    return operator === '==' && /^(true|false)$/.test(right)
      ? { json: { [query]: { absent: right === 'false' } } }
      : 'has no equivalent'
  if (inner?.[1] === 'len') {
    const count = Number.isInteger(Number(right)) ? countOf(operator, Number(right)) : undefined
    return count === undefined ? 'has no equivalent' : { json: { [`${query}[*]`]: { count } } }
  }
  return matcher === undefined ? 'has no equivalent' : { json: { [query]: matcher } }
}

function countOf(operator: string, count: number): number | Matcher | undefined {
  const counts: Record<string, number | Matcher> = {
    '==': count,
    '<': { max: count - 1 },
    '<=': { max: count },
    '>': { min: count + 1 },
    '>=': { min: count },
  }
  return counts[operator]
}

function compare(operator: string, right: string): Matcher | undefined {
  const list = /^any\((.*)\)$/.exec(right)?.[1]
  const glob = /^pat\((.*)\)$/.exec(right)?.[1]
  const value: Matcher | undefined =
    list !== undefined
      ? list.includes('pat(')
        ? undefined
        : { oneOf: list.split(',').map((one) => plain(one.trim())) }
      : glob !== undefined
        ? patternOf(glob)
        : { equals: plain(right) }
  if (operator === '==') return value
  if (operator === '!=') return value && { not: value }
  const limit = Number(right)
  if (right.trim() === '' || !Number.isFinite(limit)) return undefined
  const bound = operator.startsWith('<') ? { max: limit } : { min: limit }
  return operator.endsWith('=') ? bound : { ...bound, not: { equals: limit } }
}

/** A number where it is one: JSON knows the difference, and we compare numbers as numbers. */
function plain(text: string): string | number | boolean {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  return text
}

function patternOf(glob: string): Matcher | undefined {
  const source = glob
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('*', '[\\s\\S]*')
    .replaceAll('?', '[\\s\\S]')
  const matches = toPattern(`^${source}$`)
  return matches === undefined ? undefined : { matches }
}
