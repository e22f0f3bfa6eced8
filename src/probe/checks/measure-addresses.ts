import type { ProbedCheck } from '../../protocol/check.ts'
import {
  EXCHANGES_MAX,
  LOG_LINES_MAX,
  type Phase,
  type RunError,
  type Step,
} from '../../protocol/run.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { locate } from '../network/timed-connect.ts'
import { addressesOf, endpointOf } from './check-endpoint.ts'
import type { CheckContext } from './check-runner.ts'
import { isProbeFault } from './classify-error.ts'
import { createFindingsRecorder, type RecordedFindings } from './record-findings.ts'
import type { Measured, MeasureOnce } from './run-check.ts'

type AddressesContext = Omit<CheckContext, 'findings'> & {
  /** What it means that the addresses could not be found. */
  explain(thrown: unknown): RunError
}

/**
 * Measures a check at several addresses of its host, all at the same time, each over a connection of
 * its own. What each finds stays apart: a dead address must not hide behind one that answers.
 */
export async function measureAddresses(
  check: ProbedCheck,
  { explain, ...context }: AddressesContext,
  measureOnce: MeasureOnce,
): Promise<Measured[]> {
  const { findings, recorded } = createFindingsRecorder()
  const startedAt = context.clock.monotonic()
  const elapsedMs = () => context.clock.monotonic() - startedAt
  const endpoint = endpointOf(check)
  if (!endpoint) return [await measureOnce()]
  let found: string[]
  try {
    const meter = createPhaseMeter({ ...context, findings }, check.timeoutMs)
    const parts = { context: { ...context, findings }, meter, addresses: addressesOf(check) }
    found = (await locate(endpoint, parts)).addresses
  } catch (error) {
    return [{ recorded, broken: explain(error), wallMs: elapsedMs() }]
  }
  const beforeMs = elapsedMs()
  const measured = await Promise.all(found.map((address) => measureOnce(address)))
  for (const one of measured) addResolving(one.recorded, recorded, beforeMs)
  return measured.map((one) => ({
    ...one,
    wallMs: one.wallMs + beforeMs,
    sharedLog: recorded.log,
  }))
}

/** The addresses were found once, before the parts: that is the beginning of each of them. */
function addResolving(
  part: RecordedFindings,
  { phases: [resolving] }: RecordedFindings,
  beforeMs: number,
): void {
  const { phases, observed, exchanges } = part
  const dnsMs = (resolving?.ms ?? 0) + (phases.find(isDns)?.ms ?? 0)
  part.phases = [{ name: 'dns', ms: dnsMs }, ...phases.filter((phase) => !isDns(phase))]
  observed.set('dns', dnsMs)
  const total = observed.get('total')
  if (typeof total === 'number') observed.set('total', total + beforeMs)
  if (part.durationMs !== undefined) part.durationMs += beforeMs
  part.exchanges = exchanges.map((one) => ({ ...one, startMs: one.startMs + beforeMs }))
}

const isDns = ({ name }: Phase): boolean => name === 'dns'

export const durationOf = ({ recorded, wallMs }: Measured): number => recorded.durationMs ?? wallMs

/**
 * One run of what was measured at several addresses: the slowest tells its time, each has a step. What
 * the target did at one address counts more than that this probe could not reach another.
 *
 * @param isFine whether an address is as it must be. The exchanges of those that are not are kept first.
 */
export function mergeMeasured(
  measured: readonly Measured[],
  isFine: (one: Measured) => boolean,
): { recorded: RecordedFindings; broken: RunError | undefined } {
  const [only] = measured
  if (only && measured.length === 1 && only.address === undefined)
    return { recorded: only.recorded, broken: only.broken }

  const slowest = measured.toSorted((a, b) => durationOf(b) - durationOf(a))[0]
  const broken =
    measured.find((one) => one.broken && !isProbeFault(one.broken)) ??
    measured.find((one) => one.broken)
  const { findings, recorded } = createFindingsRecorder()
  findings.fact(
    'addresses',
    measured.map(({ address = '' }) => address),
  )
  const facts = Object.entries((broken ?? slowest)?.recorded.facts ?? {})
  for (const [name, value] of facts) findings.fact(name, value)
  recorded.phases.push(...(slowest?.recorded.phases ?? []))
  for (const line of only?.sharedLog ?? []) findings.log(line)
  // The last exchanges are kept.
  const inOrderOfWorth = measured.toSorted((a, b) => Number(isFine(b)) - Number(isFine(a)))
  for (const { recorded: one, address = '' } of inOrderOfWorth)
    for (const exchange of one.evidence) findings.evidence(() => ({ ...exchange(), part: address }))
  for (const one of measured) copyPaper(one, measured.length, findings)
  // Past the recorder's limit: what is known as a secret is masked, whoever captured it.
  for (const { recorded: one } of measured)
    for (const [value, name] of one.secrets) recorded.secrets.set(value, name)
  return {
    recorded,
    broken: broken?.broken && {
      ...broken.broken,
      message: `${broken.address}: ${broken.broken.message}`,
    },
  }
}

/** Through the recorder, which keeps the limits of a run; none takes the room of the others. */
function copyPaper(one: Measured, parts: number, findings: CheckContext['findings']): void {
  const { recorded, address = '' } = one
  for (const line of recorded.log.slice(0, LOG_LINES_MAX / parts))
    findings.log(`${address}: ${line}`)
  for (const exchange of recorded.exchanges.slice(0, EXCHANGES_MAX / parts))
    findings.exchange({ ...exchange, part: address })
  for (const artifact of recorded.artifacts) findings.artifact(artifact)
  findings.step(stepOf(one))
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
