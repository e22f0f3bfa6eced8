import { isIPv6 } from 'node:net'
import type { ProbedCheck } from '../../protocol/check.ts'
import type { RunError, Step } from '../../protocol/run.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { locate } from '../network/timed-connect.ts'
import { addressesOf, endpointOf } from './check-endpoint.ts'
import type { CheckContext } from './check-runner.ts'
import { classifyError } from './classify-error.ts'
import { createFindingsRecorder, type RecordedFindings } from './record-findings.ts'
import type { Measured, MeasureOnce } from './run-check.ts'

/**
 * Measures a check at several addresses of its host, all at the same time, each over a connection of
 * its own. What each finds stays apart: a dead address must not hide behind one that answers.
 */
export async function measureAddresses(
  check: ProbedCheck,
  context: Omit<CheckContext, 'findings'>,
  measureOnce: MeasureOnce,
): Promise<Measured[]> {
  const { findings, recorded } = createFindingsRecorder()
  const startedAt = context.clock.monotonic()
  const endpoint = endpointOf(check)
  if (!endpoint) return [await measureOnce()]
  let addresses: string[]
  try {
    const meter = createPhaseMeter({ ...context, findings }, check.timeoutMs)
    const located = await locate(endpoint, { context: { ...context, findings }, meter })
    addresses = chosen(located.addresses, addressesOf(check))
  } catch (error) {
    const wallMs = context.clock.monotonic() - startedAt
    return [{ recorded, broken: classifyError(error), wallMs }]
  }
  return Promise.all(addresses.map((address) => measureOnce(address)))
}

/** `both` is the first address of each family that there is. */
function chosen(addresses: readonly string[], choice: string): string[] {
  if (choice === 'every') return [...addresses]
  const four = addresses.find((address) => !isIPv6(address))
  const six = addresses.find((address) => isIPv6(address))
  return [four, six].filter((address) => address !== undefined)
}

/** One run of what was measured at several addresses: the slowest tells its time, each has a step. */
export function mergeMeasured(measured: readonly Measured[]): {
  recorded: RecordedFindings
  broken: RunError | undefined
  durationMs: number
} {
  const [only] = measured
  const durationOf = ({ recorded, wallMs }: Measured) => recorded.durationMs ?? wallMs
  if (only && measured.length === 1 && only.address === undefined)
    return { recorded: only.recorded, broken: only.broken, durationMs: durationOf(only) }

  const slowest = measured.toSorted((a, b) => durationOf(b) - durationOf(a))[0]
  const broken = measured.find((one) => one.broken)
  const { recorded } = createFindingsRecorder()
  Object.assign(recorded.facts, (broken ?? slowest)?.recorded.facts, {
    addresses: measured.map(({ address = '' }) => address),
  })
  recorded.phases.push(...(slowest?.recorded.phases ?? []))
  for (const { recorded: one, address = '' } of measured) {
    recorded.log.push(...one.log.map((line) => `${address}: ${line}`))
    recorded.exchanges.push(...one.exchanges.map((exchange) => ({ ...exchange, part: address })))
    recorded.evidence.push(...one.evidence.map((exchange) => ({ ...exchange, part: address })))
    recorded.artifacts.push(...one.artifacts)
    for (const [name, value] of one.secrets) recorded.secrets.set(name, value)
  }
  recorded.steps.push(...measured.map(stepOf))
  return {
    recorded,
    broken: broken?.broken && {
      ...broken.broken,
      message: `${broken.address}: ${broken.broken.message}`,
    },
    durationMs: slowest ? durationOf(slowest) : 0,
  }
}

function stepOf({ address = '', recorded, broken, wallMs }: Measured): Step {
  return {
    name: address,
    status: broken ? 'failed' : 'passed',
    startMs: 0,
    ms: recorded.durationMs ?? wallMs,
    ...(broken && { error: broken.message }),
  }
}
