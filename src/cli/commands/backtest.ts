import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { describeDuration, parseDuration } from '../../base/duration.ts'
import { formatProblem } from '../../definitions/format-problem.ts'
import { checkShape } from '../../definitions/yaml/check-shape.ts'
import { parseYaml } from '../../definitions/yaml/parse-yaml.ts'
import { type BacktestCursor, backtest, type Firing } from '../../protocol/backtest.ts'
import { type Comparison, compareFirings } from '../../protocol/compare-firings.ts'
import { getNow } from '../../protocol/public-api.ts'
import { WrittenAlertRule } from '../../protocol/written-alert.ts'
import { coordinatorClient, usualCoordinator } from '../coordinator-client.ts'
import { listenForSignals } from '../listen-for-signals.ts'

/** A piece of weeks of runs is read and judged before it is answered. */
const ANSWER_MS = 60_000

/** `firewatch backtest`: what another alert rule would have done over the runs that are stored. */
export function addBacktestCommand(program: Command): void {
  program
    .command('backtest')
    .description(
      'Play an alert rule over the stored runs of a check, and compare with its incidents.',
    )
    .requiredOption('--check <id>', 'whose runs')
    .option(
      '--rule <yaml>',
      "what stands under alert:, such as '{ failures: { count: 3, of: 5 } }'",
    )
    .option('--since <duration>', 'how far back, at most 31d', '30d')
    .option('--coordinator <url>', 'where the coordinator is', usualCoordinator())
    .option('--json', 'print { runs, firings, real, false, missed } for programs')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options)
    })
}

const HELP = `
Without --rule the check's own rule is played. What --rule does not say is as usual, not as the check has
it. An alert is real when it overlaps an incident that a person took on or that lasted for five minutes.
Exits with 2 when the rule or the check is not valid, with 3 when the coordinator does not answer.`

type Options = { check: string; rule?: string; since: string; coordinator: string; json?: true }

/** Pieces of one back-test; a month of a check in ten regions each second is fewer. */
const PIECES_MAX = 20_000

async function run(options: Options): Promise<number | undefined> {
  const rule = options.rule === undefined ? undefined : readRule(options.rule)
  const reachMs = parseDuration(options.since)
  if (!reachMs) throw new AppError('request.invalid', '--since: expected a duration such as 30d')
  // The coordinator's clock counts, since its runs are told by it.
  const { now: until } = await coordinatorClient(options.coordinator).ask(getNow)
  const interrupted = listenForSignals()
  try {
    const played = await playAll(options, {
      rule,
      since: Math.max(0, until - reachMs),
      until,
      signal: interrupted.signal,
    })
    if (!played) return interrupted.exitCode()
    const { runs, firings, incidents } = played
    const comparison = compareFirings(firings, incidents, { checkId: options.check, until })
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ runs, ...comparison }, null, 2)}\n`
        : describe(options, runs, comparison),
    )
    return undefined
  } finally {
    interrupted.stopListening()
  }
}

type Span = { since: number; until: number; rule: unknown; signal: AbortSignal }

async function playAll({ check, coordinator }: Options, { since, until, rule, signal }: Span) {
  const firings: Firing[] = []
  let runs = 0
  let incidents: Parameters<typeof compareFirings>[1] = []
  let cursor: BacktestCursor | undefined
  for (let pieces = 0; pieces < PIECES_MAX; pieces++) {
    if (signal.aborted) return undefined
    const piece = await coordinatorClient(coordinator).ask(backtest, {
      answerMs: ANSWER_MS,
      params: { checkId: check },
      body: { since, until, ...(rule !== undefined && { rule }), ...(cursor && { cursor }) },
    })
    firings.push(...piece.firings)
    runs += piece.runs
    // Optional keys that are absent and that are undefined are the same here.
    incidents = (piece.incidents as typeof incidents | undefined) ?? incidents
    cursor = piece.next
    if (!cursor) return { firings, runs, incidents }
    showProgress((cursor.from - since) / (until - since))
  }
  throw new AppError('coordinator.refused', `more than ${PIECES_MAX} pieces; a shorter --since`)
}

function showProgress(share: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(share * 100)} % played\r`)
}

function readRule(text: string): WrittenAlertRule {
  const { yaml, problems } = parseYaml('--rule', text, {})
  const shaped = yaml ? checkShape(yaml, WrittenAlertRule) : { problems: [] }
  const all = [...problems, ...shaped.problems]
  if (all.length > 0 || !shaped.value)
    throw new AppError('request.invalid', all.map(formatProblem).join('\n'))
  return shaped.value
}

function describe({ check, since }: Options, runs: number, comparison: Comparison): string {
  const { firings, missed } = comparison
  const rows = firings.map((firing) => [
    new Date(firing.firedAt).toISOString().slice(0, 19),
    firing.endedAt === undefined ? 'still' : describeDuration(firing.endedAt - firing.firedAt),
    firing.incidentId ?? 'false',
    firing.detectionMs === undefined ? '–' : describeDuration(firing.detectionMs),
    firing.severity ?? '–',
    firing.reason,
  ])
  const times = firings.flatMap(({ detectionMs }) => detectionMs ?? []).sort((a, b) => a - b)
  const median = times[Math.floor((times.length - 1) / 2)]
  const worst = times.at(-1)
  const detection =
    median === undefined || worst === undefined
      ? ''
      : `; detected after ${describeDuration(median)} (median), ${describeDuration(worst)} at most`
  return [
    ...(rows.length > 0 ? [table([HEAD, ...rows]), ''] : []),
    ...missed.map(
      ({ id, title, impactStartedAt }) =>
        `missed: ${id} of ${new Date(impactStartedAt).toISOString().slice(0, 19)}, ${title}`,
    ),
    `${check}, ${runs} runs of the last ${since}: ${firings.length} alerts, ${comparison.real} real, ${comparison.false} false, ${missed.length} missed${detection}\n`,
  ].join('\n')
}

const HEAD = ['fired (UTC)', 'lasted', 'real', 'detected', 'severity', 'because']

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
