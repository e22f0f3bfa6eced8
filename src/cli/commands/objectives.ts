import type { Command } from 'commander'
import { describeDuration } from '../../base/duration.ts'
import type { Objective, ObjectiveStatus } from '../../protocol/objective.ts'
import { listObjectives } from '../../protocol/public-api.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'
import { coordinatorClient, usualCoordinator } from '../coordinator-client.ts'

type Options = { coordinator: string; service?: string; json?: true }

/** `firewatch objectives`: what is left of the error budgets, and on what that stands. */
export function addObjectivesCommand(program: Command): void {
  program
    .command('objectives')
    .description(
      'Print how the objectives stand, and on what: requests of users, or runs of probes.',
    )
    .option('--service <id>', 'only those of this service')
    .option('--coordinator <url>', 'where the coordinator is', usualCoordinator())
    .option('--json', 'print what the coordinator answers')
    .addHelpText('after', HELP)
    .action(list)
}

const HELP = `
FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not. Exits with 3 when
the coordinator does not answer.`

async function list({ coordinator, service, json }: Options): Promise<void> {
  const query = { ...(service !== undefined && { service }) }
  const { data } = await coordinatorClient(coordinator).ask(listObjectives, { query })
  const text =
    data.length === 0
      ? 'No objective is defined.\n'
      : data.map(({ objective, status }) => `${describe(objective, status)}\n`).join('\n')
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : text)
}

const STATES = { quiet: 'calm', burning: 'burning', blind: 'unknown' }

function describe(objective: Objective, status: ObjectiveStatus | undefined): string {
  const { id, target, periodMs, latencyMs } = objective
  const promise = `${Number((target * 100).toFixed(4))} % over ${describeDuration(periodMs)}`
  const within = latencyMs === undefined ? '' : ` within ${describeDuration(latencyMs)}`
  if (!status) return `${id}  not evaluated yet\n  promised  ${promise}${within}`
  const { state, action, reason, outlook, traffic } = status
  const lines = [
    `${id}  ${STATES[state]}${action === undefined ? '' : ` (${action})`}`,
    `  promised  ${promise}${within}`,
    `  stands on ${basis(objective, status.period)}`,
    `  last hour ${tally(objective, status.lastHour)}`,
    `  spent     ${spent(status)}`,
    `  why       ${reason}`,
    ...(outlook === null ? [] : [`  outlook   ${outlook}`]),
    ...(traffic?.problem
      ? [
          `  problem   not counted since ${new Date(traffic.countedUntil).toISOString()}: ${traffic.problem.reason}`,
        ]
      : []),
  ]
  return lines.join('\n')
}

/** `42,310 of 42,355 requests (orders-good of orders-all)`, or `40,308 of 40,320 runs of probes`. */
const basis = (objective: Objective, period: ObjectiveStatus['period']): string =>
  objective.traffic
    ? `${tally(objective, period)} (${objective.traffic.good} of ${objective.traffic.total})`
    : `${tally(objective, period)} (of probes)`

function tally({ traffic }: Objective, { good, bad, unknown }: ObjectiveStatus['period']): string {
  const count = (value: number) => value.toLocaleString('en')
  const all = `${count(good)} of ${count(good + bad)} ${traffic ? 'requests' : 'runs'}`
  if (unknown === 0) return all
  const missing = traffic ? describeDuration(unknown * TRAFFIC_SPAN_MS) : `${count(unknown)} slots`
  return `${all}, ${missing} unknown`
}

/** Never rounded up: what is left is left. */
const spent = ({ spentShare }: ObjectiveStatus): string =>
  spentShare === null ? 'not known' : `${Math.floor(spentShare * 1_000) / 10} % of the budget`
