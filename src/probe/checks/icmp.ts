import type { RunError } from '../../protocol/run.ts'
import { createPhaseMeter, isPastDeadline, plainDuration } from '../network/phase-meter.ts'
import { type PingReport, parsePing, summarizeRoundTrips } from '../network/ping-output.ts'
import { type PingOutput, runPing } from '../network/run-ping.ts'
import { locate } from '../network/timed-connect.ts'
import { addressesOf } from './check-endpoint.ts'
import { CheckError, type CheckRunner, type Findings } from './check-runner.ts'

/** Asks a host for echoes, by the system's `ping`. */
export const runIcmpCheck: CheckRunner<'icmp'> = async (check, context) => {
  const { clock, findings, signal } = context
  const { host, count, size, timeoutMs } = check
  const startedAt = clock.monotonic()
  const meter = createPhaseMeter(context, timeoutMs)
  const parts = { context, meter, addresses: addressesOf(check) }
  const located = await locate({ host, port: 0 }, parts)
  const [address = ''] = located.addresses
  findings.fact('address', address)

  const leftMs = timeoutMs - (clock.monotonic() - startedAt)
  const output = await runPing({ address, count, size, leftMs, signal })
  if (signal.aborted && !isPastDeadline(signal)) signal.throwIfAborted()
  const report = parsePing(output.stdout)
  const target = host === address ? host : `${host} (${address})`
  requireNetwork(output, report, target)
  findings.subject('total', clock.monotonic() - startedAt)
  record(report, { findings, sent: report.transmitted ?? count, target, timeoutMs })
}

const NO_NETWORK = /^.*(?:Network is unreachable|Cannot assign requested address).*$/m

/** Nothing left this machine: it says nothing about the target. */
function requireNetwork({ stderr }: PingOutput, { received }: PingReport, target: string): void {
  const [line] = NO_NETWORK.exec(stderr) ?? []
  if (line !== undefined && received === 0)
    throw new CheckError(
      'probe.network',
      `this probe has no network that leads to ${target} (${line.trim()})`,
    )
}

type Recording = { findings: Findings; sent: number; target: string; timeoutMs: number }

function record(report: PingReport, { findings, sent, target, timeoutMs }: Recording): void {
  const { received, duplicates, refusals, roundTripsMs } = report
  const lossPercent = sent === 0 ? 100 : Math.max(0, (100 * (sent - received)) / sent)
  const explain = received === 0 ? noAnswer(report, sent, target, timeoutMs) : undefined
  findings.subject('received', received, explain)
  findings.subject('loss', lossPercent, explain)
  findings.fact('sent', sent)
  findings.fact('received', received)
  findings.fact('loss', lossPercent)
  for (const refusal of refusals) findings.log(refusal)
  if (duplicates > 0) findings.log(`${duplicates} answers came twice`)

  const times = summarizeRoundTrips(roundTripsMs)
  if (times) findings.phase('rtt', times.avgMs)
  findings.subject('rttMin', times?.minMs, explain)
  findings.subject('rttAvg', times?.avgMs, explain)
  findings.subject('rttMax', times?.maxMs, explain)
  findings.subject('rttStddev', times?.stddevMs, explain)
}

function noAnswer({ refusals }: PingReport, sent: number, target: string, timeoutMs: number) {
  const requests = sent === 1 ? '1 echo request' : `${sent} echo requests`
  const said = refusals.length > 0 ? `; ${refusals.join('; ')}` : ''
  const message = `no answer from ${target} to ${requests} within ${plainDuration(timeoutMs)}${said}`
  return (): RunError => ({ type: 'icmp.no_answer', message })
}
