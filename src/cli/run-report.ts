import { posix } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { Assertion } from '../protocol/expectation.ts'
import type { Run, Step, Verdict } from '../protocol/run.ts'

type Style = 'red' | 'yellow' | 'green' | 'dim' | 'bold' | 'magenta'
/** Colours a piece of text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string

/** What a terminal shows without breaking a line. */
const LINE_WIDTH = 80
/** Columns of the bars that show when in the run something was, and how long. */
const BAR_WIDTH = 28
/** The sign of a line, and the space around its name and its time. */
const BESIDE_BAR = 8
/** Longer names are cut; the whole one is in `--json`. */
const NAME_WIDTH_MAX = 44

/** Never by colour alone: a sign and a word go with it. */
const VERDICTS: Record<Verdict, { sign: string; word: string; style: Style }> = {
  passed: { sign: '✓', word: 'passed', style: 'green' },
  degraded: { sign: '!', word: 'degraded', style: 'yellow' },
  failed: { sign: '✗', word: 'failed', style: 'red' },
  probe_fault: { sign: '?', word: 'probe fault', style: 'magenta' },
}

const STEPS: Record<Step['status'], { sign: string; style: Style }> = {
  passed: { sign: '✓', style: 'green' },
  degraded: { sign: '!', style: 'yellow' },
  failed: { sign: '✗', style: 'red' },
  skipped: { sign: '–', style: 'dim' },
}

export type ReportOptions = { paint: Paint; artifactsFolder: string }

/** A run for people. Text that comes from the target cannot control the terminal. */
export function renderRun(check: CheckDefinition, run: Run, options: ReportOptions): string {
  const { paint } = options
  const sections = [
    headline(check, run, paint),
    run.steps.length > 0 ? stepLines(run, paint) : phaseLines(run, paint),
    exchangeLines(run, paint),
    browserLines(run, paint),
    assertionLines(run.assertions, paint),
    errorLines(run, paint),
    factLines(run, paint),
    run.log.map((line) => `  ${paint('dim', 'log')}  ${clean(line)}`),
    run.artifacts.map(({ name }) => `  ${name}: ${posix.join(options.artifactsFolder, name)}`),
  ]
  const filled = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${filled.join('\n\n')}\n`
}

function headline(check: CheckDefinition, run: Run, paint: Paint): string[] {
  const { sign, word, style } = VERDICTS[run.verdict]
  const name = check.name === check.id ? '' : `  ${clean(check.name)}`
  const took = describeDuration(run.durationMs)
  return [
    `${paint(style, `${sign} ${word}`)}  ${paint('bold', check.id)}${name}  ${paint('dim', `(${check.kind}, ${took})`)}`,
  ]
}

type Row = {
  sign: string
  style: Style
  name: string
  startMs: number
  ms: number
  below?: string | undefined
}

function stepLines(run: Run, paint: Paint): string[] {
  const rows = run.steps.map(({ name, status, startMs, ms, error, reason, parent }) => ({
    ...STEPS[status],
    name: `${'  '.repeat(depthOf(run.steps, parent))}${name}`,
    startMs,
    ms,
    // What the step says is below it; the run's error would say it again.
    below: status === 'failed' ? error : reason,
  }))
  return barLines(rows, paint)
}

/** In how many steps a step is inside. */
function depthOf(steps: readonly Step[], parent: number | undefined): number {
  let depth = 0
  // Parents come before their children, so this ends whatever a run says.
  for (let at = parent; at !== undefined && depth < steps.length; at = steps[at]?.parent) depth++
  return depth
}

/** What the browser saw, in a line: `2 pages, largest content after 310 ms; 14 requests, 1 failed`. */
function browserLines({ browser }: Run, paint: Paint): string[] {
  if (!browser) return []
  const { pages, requests, failedRequestCount, consoleErrorCount, exceptionCount } = browser
  const painted = pages.flatMap(({ lcpMs }) => (lcpMs === undefined ? [] : [lcpMs]))
  const slowest =
    painted.length === 0 ? '' : `, largest content after ${describeTime(Math.max(...painted))}`
  const counts = [
    counted(requests, 'request'),
    `${failedRequestCount} failed`,
    counted(consoleErrorCount, 'console error'),
    counted(exceptionCount, 'exception'),
  ]
  return [`  ${paint('dim', `${counted(pages.length, 'page')}${slowest}; ${counts.join(', ')}`)}`]
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

function phaseLines(run: Run, paint: Paint): string[] {
  let startMs = 0
  const rows = run.phases.map(({ name, ms }) => {
    const row: Row = { sign: ' ', style: 'dim', name, startMs, ms }
    startMs += ms
    return row
  })
  return barLines(rows, paint)
}

function barLines(rows: readonly Row[], paint: Paint): string[] {
  const totalMs = Math.max(1e-3, ...rows.map(({ startMs, ms }) => startMs + ms))
  const names = rows.map(({ name }) => shorten(clean(name)))
  const nameWidth = Math.max(0, ...names.map((name) => name.length))
  const times = rows.map(({ ms }) => describeTime(ms))
  const timeWidth = Math.max(0, ...times.map((time) => time.length))
  const barWidth = Math.min(BAR_WIDTH, LINE_WIDTH - BESIDE_BAR - nameWidth - timeWidth)
  return rows.flatMap(({ sign, style, startMs, ms, below }, i) => {
    const name = (names[i] ?? '').padEnd(nameWidth)
    const time = (times[i] ?? '').padStart(timeWidth)
    const line = `  ${paint(style, sign)} ${name}  ${time}  ${paint('dim', bar({ startMs, ms, totalMs }, barWidth))}`
    return below === undefined ? [line] : [line, ...indented(below, '      ')]
  })
}

function bar(
  { startMs, ms, totalMs }: { startMs: number; ms: number; totalMs: number },
  widthMax: number,
): string {
  const start = Math.min(widthMax - 1, Math.floor((startMs / totalMs) * widthMax))
  const width = Math.max(1, Math.min(widthMax - start, Math.round((ms / totalMs) * widthMax)))
  return `${' '.repeat(start)}${'█'.repeat(width)}`
}

/** Phases are often below a millisecond, and the difference matters. */
const describeTime = (ms: number) => (ms < 10 ? `${ms.toFixed(1)} ms` : describeDuration(ms))

/** Each request with its answer, where there is more than the phases or steps above say. */
function exchangeLines({ exchanges = [], steps }: Run, paint: Paint): string[] {
  if (exchanges.length < 2 && steps.length === 0) return []
  const parts = exchanges.map(({ part = '' }) => shorten(clean(part)))
  const width = Math.max(0, ...parts.map((part) => part.length))
  return exchanges.map(({ method, url, status, ms }, i) => {
    const part = width === 0 ? '' : `${(parts[i] ?? '').padEnd(width)}  `
    const answer = status === undefined ? 'no answer' : String(status)
    return `  ${part}${method} ${clean(url)}  ${answer}  ${paint('dim', describeTime(ms))}`
  })
}

function assertionLines(assertions: readonly Assertion[], paint: Paint): string[] {
  const subjects = assertions.map(({ part, subject }) =>
    shorten(clean(part === undefined ? subject : `${part}: ${subject}`)),
  )
  const width = Math.max(0, ...subjects.map((subject) => subject.length))
  return assertions.map(({ level, expected, actual, held }, i) => {
    const isDegrading = !held && level === 'should'
    const verdict = held ? 'held  ' : isDegrading ? 'should' : 'broken'
    const style: Style = held ? 'green' : isDegrading ? 'yellow' : 'red'
    const subject = (subjects[i] ?? '').padEnd(width)
    const texts = `expected ${clean(expected)}, got ${clean(actual)}`
    return `  ${paint(style, `${held ? '✓' : '✗'} ${verdict}`)}  ${subject}  ${texts}`
  })
}

function errorLines({ error, steps }: Run, paint: Paint): string[] {
  if (!error || steps.some((step) => saysAlready(step, error.message))) return []
  const [first = '', ...rest] = indented(error.message, '    ')
  return [`  ${paint('red', error.type)}: ${first.trimStart()}`, ...rest]
}

const saysAlready = ({ name, error }: Step, message: string): boolean =>
  error !== undefined && (error === message || `${name}: ${error}` === message)

function factLines({ facts }: Run, paint: Paint): string[] {
  const names = Object.keys(facts)
  const width = Math.max(0, ...names.map((name) => name.length))
  return names.map((name) => {
    const value = facts[name]
    const text = Array.isArray(value) ? value.join(', ') : String(value)
    return `  ${paint('dim', clean(name).padEnd(width))}  ${clean(text)}`
  })
}

const indented = (text: string, indent: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${clean(line)}`)

const shorten = (text: string) =>
  text.length <= NAME_WIDTH_MAX ? text : `${text.slice(0, NAME_WIDTH_MAX - 1)}…`

/** Colours that a library put into its message go; what else steers a terminal becomes visible. */
const clean = (text: string) => printable(stripVTControlCharacters(text))
