import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import type { Objective, ObjectiveStatus } from '../protocol/objective.ts'
import { TRAFFIC_SPAN_MS } from '../protocol/traffic-span.ts'

type Entry = { objective: Objective; status?: ObjectiveStatus | undefined }

/**
 * How objectives stand, and on what.
 *
 * @param service the one that was asked about; every service when absent.
 */
export function renderObjectives(entries: readonly Entry[], service?: string): string {
  if (entries.length > 0)
    return entries.map(({ objective, status }) => `${describe(objective, status)}\n`).join('\n')
  return service === undefined
    ? 'No objective is defined.\n'
    : `No objective of a service ${printable(service)} is defined.\n`
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
  // Reasons quote what other systems answered.
  return lines.map(printable).join('\n')
}

/** `42,310 of 42,355 requests good (orders-good of orders-all)`, or `40,308 of 40,320 runs good (of probes)`. */
const basis = (objective: Objective, period: ObjectiveStatus['period']): string =>
  objective.traffic
    ? `${tally(objective, period)} (${objective.traffic.good} of ${objective.traffic.total})`
    : `${tally(objective, period)} (of probes)`

function tally({ traffic }: Objective, { good, bad, unknown }: ObjectiveStatus['period']): string {
  const count = (value: number) => value.toLocaleString('en')
  const all = `${count(good)} of ${count(good + bad)} ${traffic ? 'requests' : 'runs'} good`
  if (unknown === 0) return all
  const slots = `${count(unknown)} ${unknown === 1 ? 'slot' : 'slots'}`
  const missing = traffic ? describeDuration(unknown * TRAFFIC_SPAN_MS) : slots
  return `${all}, ${missing} unknown`
}

/** Never rounded up: what is left is left. */
const spent = ({ spentShare }: ObjectiveStatus): string =>
  spentShare === null ? 'not known' : `${Math.floor(spentShare * 1_000) / 10} % of the budget`
