import { posix, sep } from 'node:path'
import { styleText } from 'node:util'
import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { describeDuration } from '../../base/duration.ts'
import { codeFrame, formatProblem } from '../../definitions/format-problem.ts'
import { type FleetResult, loadFleet, namedScripts } from '../../definitions/load-fleet.ts'
import { type Problem, sortProblems } from '../../definitions/problem.ts'
import { detectionTime } from '../../domain/alerting/detection-time.ts'
import { secretCommandProblems } from '../../probe/secret-command-problems.ts'
import { tryJourneys } from '../../probe/try-journeys.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { DetectionContract } from '../../protocol/detection.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { EXIT } from '../exit-codes.ts'
import { complaintsAbout, placeComplaints, rosterOf } from '../on-call-files.ts'

/** `firewatch validate`: reads all definitions, runs nothing, says everything that is wrong. */
export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('Check the definitions in probes/ and config/, and print every problem.')
    .argument('[dir]', 'folder that holds probes/ and config/', '.')
    .option('--json', 'print { valid, problems, warnings } for programs')
    .option('--explain', 'also print how soon each check turns a fault into an alert')
    .addHelpText('after', '\nExits with 0 when everything is valid, with 2 when it is not.')
    .action(async (folder: string, { json, explain }: { json?: true; explain?: true }) => {
      const result = await validate(folder)
      const explained =
        explain && result.ok ? detectionTimes(result.fleet, systemClock.now()) : undefined
      // The problems are what was asked for, so they are data and go to stdout.
      process.stdout.write(
        json
          ? renderJson(result, explained)
          : renderText(result, { folder, paint }) + (explained ? renderDetection(explained) : ''),
      )
      process.exitCode = result.ok ? EXIT.fine : EXIT.invalid
      if (result.ok) requireCommands(result.fleet)
    })
}

/** @throws {AppError} `environment.invalid` when this machine's commands for secrets cannot be read. */
function requireCommands({ checks }: Fleet): void {
  const problems = secretCommandProblems(checks, process.env)
  if (problems.length > 0)
    throw new AppError('environment.invalid', ['the environment:', ...problems].join('\n  '))
}

/** What is wrong with the definitions, and with the journeys that they name. */
async function validate(folder: string): Promise<FleetResult> {
  const loaded = await withOnCall(folder, await loadFleet(folder, process.env))
  const scripts = await namedScripts(folder, process.env)
  const problems = await tryJourneys(scripts, { folder, environment: process.env })
  if (problems.length === 0) return loaded
  return { ok: false, problems: sortProblems([...(loaded.ok ? [] : loaded.problems), ...problems]) }
}

/** Adds what the next weeks of on-call would bring, once anybody is on call at all. */
async function withOnCall(folder: string, result: FleetResult): Promise<FleetResult> {
  if (!result.ok || !result.fleet.onCall?.people.length) return result
  const { fleet, warnings = [] } = result
  const now = systemClock.now()
  const complaints = complaintsAbout(fleet, await rosterOf(fleet, { since: now }), now)
  const placed = await placeComplaints(folder, complaints)
  if (placed.length === 0) return result
  return { ok: true, fleet, warnings: sortProblems([...warnings, ...placed]) }
}

/** Colours a piece of text, or leaves it alone. */
export type Paint = (style: 'red' | 'yellow' | 'dim' | 'bold' | 'green', text: string) => string

/** Colours for a terminal; knows NO_COLOR, FORCE_COLOR, and pipes. */
const paint: Paint = (style, text) =>
  styleText(style, text, { stream: process.stdout, validateStream: true })

/** The result for people: each problem with its line, then how many there are. */
export function renderText(
  result: FleetResult,
  { folder = '.', paint }: { folder?: string; paint: Paint },
): string {
  const render = (problem: Problem, style: 'red' | 'yellow') => {
    // As seen from where the command was typed, so that a terminal can open the file.
    const file = posix.join(folder.replaceAll(sep, '/'), problem.file)
    const headline = formatProblem({ ...problem, file })
    const [, where = '', what = headline] = /^(.*?:\d+:\d+: )(.*)$/.exec(headline) ?? []
    const frame = codeFrame(problem)
    return `${paint('bold', where)}${paint(style, what)}\n${frame ? `${paint('dim', frame)}\n` : ''}`
  }
  if (!result.ok) {
    const problems = result.problems.map((problem) => render(problem, 'red'))
    const fileCount = new Set(result.problems.map(({ file }) => file)).size
    const total = `${count(problems.length, 'problem')} in ${count(fileCount, 'file')}`
    return `${problems.join('\n')}\n${paint('red', total)}\n`
  }
  const warnings = (result.warnings ?? []).map((warning) => render(warning, 'yellow'))
  return [...warnings, `${paint('green', summary(result.fleet))}\n`].join('\n')
}

function summary({ checks, regions }: Fleet): string {
  const verb = checks.length === 1 ? 'is' : 'are'
  return `${count(checks.length, 'check')} in ${count(regions.length, 'region')} ${verb} valid`
}

const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`

/** The result for programs. */
export function renderJson(result: FleetResult, detection?: Detection): string {
  const report = result.ok
    ? {
        valid: true,
        problems: [],
        warnings: (result.warnings ?? []).map(withoutSource),
        ...(detection && { detection }),
      }
    : { valid: false, problems: result.problems.map(withoutSource), warnings: [] }
  return `${JSON.stringify(report, null, 2)}\n`
}

/** By check; jobs that call by themselves have none. */
export type Detection = Record<string, DetectionContract>

/** How soon each check turns a fault into an alert, when each run takes its whole time limit. */
export function detectionTimes({ checks }: Fleet, now: number): Detection {
  return Object.fromEntries(
    checks.flatMap((check) => {
      const contract = detectionTime(check, { now })
      return contract ? [[check.id, contract]] : []
    }),
  )
}

/** The same for people. */
export function renderDetection(detection: Detection): string {
  const rows = Object.entries(detection).map(([id, { everywhere, confirmedAtOnce, oneRegion }]) => [
    id,
    describeDuration((confirmedAtOnce ?? everywhere).worstMs),
    describeDuration((confirmedAtOnce ?? everywhere).expectedMs),
    describeDuration(everywhere.worstMs),
    describeDuration(everywhere.expectedMs),
    describeDuration(oneRegion.worstMs),
    describeDuration(oneRegion.expectedMs),
  ])
  const head = [
    ...['check', 'fails everywhere: worst', 'mean', 'by slots alone: worst', 'mean'],
    ...['in one region: worst', 'mean'],
  ]
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `\nFrom a fault to its alert, while the fleet is well and runs take their whole time limit:\n${lines.join('\n')}\n`
}

const withoutSource = ({ sourceLine: _, ...problem }: Problem) => problem
