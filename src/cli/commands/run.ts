import { join } from 'node:path'
import { styleText } from 'node:util'
import { type Command, InvalidArgumentError } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { assert } from '../../base/assert.ts'
import { DURATION_EXPECTED, parseDuration } from '../../base/duration.ts'
import { KEPT_RUNS_MAX, runRepeatedly } from '../../probe/run-once.ts'
import type { ProbedCheck } from '../../protocol/check.ts'
import { RegionId } from '../../protocol/ids.ts'
import type { Run, Verdict } from '../../protocol/run.ts'
import { createLogger } from '../../runtime/logger.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { usualCoordinator } from '../coordinator-client.ts'
import { EXIT } from '../exit-codes.ts'
import { findCheck } from '../find-check.ts'
import { listenForSignals } from '../listen-for-signals.ts'
import { renderFleetRuns, runInFleet } from '../run-in-fleet.ts'
import { type Paint, renderRun } from '../run-report.ts'
import { renderSummary, summarizeRuns } from '../summarize-runs.ts'
import { watchedRun } from '../watched-run.ts'
import { whoAmI } from '../who-am-i.ts'
import { wrapText } from '../wrap-text.ts'

const ARTIFACTS_FOLDER = join('.firewatch', 'last-run')

const TRACE_FILE = 'trace.zip'

const EXIT_BY_VERDICT: Record<Verdict, number> = {
  passed: EXIT.fine,
  degraded: EXIT.fine,
  failed: EXIT.checkFailed,
  probe_fault: EXIT.undecided,
}

type Options = {
  dir: string
  region: string
  json?: true
  headed?: true
  slowMo?: number
  debug?: true
  trace?: true
  video?: true
  url?: string
  secret?: string[]
  everyAddress?: true
  param?: Record<string, string>
  repeat: number
  now?: true
  coordinator: string
  by: string
}

/** `firewatch run`: one run here and now, without coordinator. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description(
      'Run a check, a journey file or a test file once, here and now, and print what came of it.',
    )
    .argument('<check>', 'id of a check, or path of a *.journey.ts, *.spec.ts or *.test.ts')
    .option('--dir <folder>', 'folder that holds probes/ and config/', '.')
    .option('--region <region>', 'the region to run as', 'here')
    .option('--url <url>', 'for a journey file: the address that it starts from')
    .option('--secret <names...>', 'for a journey file: secrets that it may read')
    .option(
      '--param <name=value>',
      'for a journey file: one of its params; again for more',
      readParam,
    )
    .option('--repeat <times>', 'run it several times and tell how often it passes', readTimes, 1)
    .option(
      '--every-address',
      "look at each address of the check's host, not only the first that answers",
    )
    .option('--headed', 'show the browser')
    .option('--slow-mo <duration>', 'wait this long before each action, such as 300ms', readSlowMo)
    .option('--debug', "go through a journey by hand, with Playwright's inspector")
    .option('--trace', "record the very run, for Playwright's viewer")
    .option('--video', 'make a video of the very run')
    .option('--now', 'not here, but in every region of the fleet, outside its schedule')
    .option('--coordinator <url>', 'with --now: where the coordinator is', usualCoordinator())
    .option('--by <name>', 'with --now: who wants it', whoAmI())
    .option('--json', 'print the run as JSON')
    .addHelpText('after', wrapText(HELP))
    .action(async (named: string, options: Options) => {
      process.exitCode = options.now ? await runNow(named, options) : await run(named, options)
    })
}

const HELP = `
Exits with 0 when the check passed or was only degraded, 1 when it failed, 2 when there is no such
check or the definitions are not valid, 3 when this machine could not decide.

Screenshots, traces and videos are saved in ${ARTIFACTS_FOLDER}; with --repeat, those of the first
${KEPT_RUNS_MAX.notPassed} runs that did not pass and of the first ${KEPT_RUNS_MAX.passed} that did, each in a folder of its own. FIREWATCH_CONNECT_TO, FIREWATCH_CHROMIUM and secrets come from the environment.`

async function runNow(checkId: string, options: Options): Promise<number> {
  const found = await runInFleet(checkId, options)
  process.stdout.write(
    options.json ? `${JSON.stringify(found, null, 2)}\n` : renderFleetRuns(found),
  )
  return found.runs.length === 0 ? EXIT.undecided : exitCodeOf(found.runs)
}

async function run(named: string, options: Options): Promise<number> {
  const { dir: folder, url, secret: secrets, param: params } = options
  if (!RegionId.safeParse(options.region).success)
    throw new AppError('region.unknown', `${options.region} is no name of a region`)
  const found = await findCheck(named, {
    region: options.region,
    folder,
    environment: process.env,
    url,
    secrets,
    params,
  })
  const { probesFolder, network } = found
  const meant = options.everyAddress ? atEveryAddress(found.check) : found.check
  const { env: environment, platform } = process
  const { check, browser, notes } = watchedRun(meant, options, { environment, platform })
  process.stderr.write(`running ${check.id} …\n`)
  for (const note of notes) process.stderr.write(`${wrapText(note)}\n`)

  const interrupted = listenForSignals()
  const runs: Run[] = []
  const traced: { verdict: Verdict; path: string }[] = []
  await runRepeatedly(check, {
    times: options.repeat,
    onRun(run, filesFolder) {
      runs.push(run)
      if (filesFolder !== undefined && run.artifacts.some(({ name }) => name === TRACE_FILE))
        traced.push({ verdict: run.verdict, path: join(filesFolder, TRACE_FILE) })
      if (options.repeat === 1) return
      const files = filesFolder === undefined ? '' : `  files: ${filesFolder}`
      process.stderr.write(`${runs.length}/${options.repeat} ${run.verdict}${files}\n`)
    },
    probesFolder,
    regionId: options.region,
    network,
    environment,
    artifactsFolder: ARTIFACTS_FOLDER,
    browser,
    signal: interrupted.signal,
    clock: systemClock,
    logger: createLogger('run', process.env.FIREWATCH_LOG_LEVEL ?? 'error'),
  })
  interrupted.stopListening()

  process.stdout.write(`${report(check, runs, options)}`)
  // Of several, one that did not pass tells more.
  const shown = traced.find(({ verdict }) => verdict !== 'passed') ?? traced.at(-1)
  if (shown) process.stderr.write(`walk through it: npx firewatch show-trace ${shown.path}\n`)
  return interrupted.exitCode() ?? exitCodeOf(runs)
}

function report(check: ProbedCheck, runs: readonly Run[], options: Options): string {
  if (options.repeat > 1) {
    const summary = summarizeRuns(runs)
    return options.json ? `${JSON.stringify({ summary, runs }, null, 2)}\n` : renderSummary(summary)
  }
  const [run] = runs
  assert(run, 'there is always a first run')
  return options.json
    ? `${JSON.stringify(run, null, 2)}\n`
    : renderRun(check, run, { paint, artifactsFolder: ARTIFACTS_FOLDER })
}

/** A failure of the check before a fault of this machine, and either before what is fine. */
function exitCodeOf(runs: readonly Pick<Run, 'verdict'>[]): number {
  const codes = runs.map(({ verdict }) => EXIT_BY_VERDICT[verdict])
  return codes.find((code) => code === EXIT.checkFailed) ?? Math.max(...codes)
}

function readParam(text: string, known: Record<string, string> = {}): Record<string, string> {
  const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? []
  if (name === undefined)
    throw new InvalidArgumentError('expected name=value, such as product=lamp-7')
  return { ...known, [name]: value }
}

/** An evening's work of a browser. */
const TIMES_MAX = 1_000

function readTimes(text: string): number {
  const times = Number(text)
  if (!Number.isInteger(times) || times < 1 || times > TIMES_MAX)
    throw new InvalidArgumentError(`expected a whole number from 1 to ${TIMES_MAX}`)
  return times
}

/** Longer than this nobody looks at one action. */
const SLOW_MO_MS_MAX = 60_000

function readSlowMo(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError(`expected ${DURATION_EXPECTED}`)
  if (ms < 1 || ms > SLOW_MO_MS_MAX)
    throw new InvalidArgumentError('expected from 1ms to 1m for each action')
  return ms
}

/** @throws {AppError} when the check's kind does not choose between addresses. */
function atEveryAddress(check: ProbedCheck): ProbedCheck {
  switch (check.kind) {
    case 'dns':
    case 'journey':
      throw new AppError(
        'definitions.invalid',
        `--every-address: ${check.id} is a ${check.kind} check, which does not connect to addresses of its host`,
      )
    case 'api':
      throw new AppError(
        'definitions.invalid',
        `--every-address: ${check.id} is an api check, whose requests may go to several hosts`,
      )
    default:
      return { ...check, addresses: 'every' }
  }
}

/** Colours for a terminal; knows NO_COLOR, FORCE_COLOR, and pipes. */
const paint: Paint = (style, text) =>
  styleText(style, text, { stream: process.stdout, validateStream: true })
