/** What a run of `ping` found, as iputils prints it. */
export type PingReport = {
  /** Requests that went out, as far as it says so. */
  transmitted: number | undefined
  /** Requests that were answered; a second answer to the same one does not count. */
  received: number
  duplicates: number
  /** Round trips in milliseconds, of the answers that tell it: those with 16 bytes of data or more. */
  roundTripsMs: number[]
  /** What others said about the requests, such as "From 10.0.0.1: Destination Host Unreachable". */
  refusals: string[]
}

const REFUSALS_MAX = 10
const REFUSAL_LENGTH_MAX = 200

// "64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.042 ms", and after it, at times, (DUP!).
const ANSWER = /^\d+ bytes from [^\s]+: icmp_seq=(\d+)\b(.*)$/
const ROUND_TRIP = / time=(\d+(?:\.\d+)?) ms(?= |$)/
// "From 10.0.0.1 icmp_seq=1 Destination Host Unreachable".
const REFUSAL = /^From ([^\s]+?):? icmp_seq=\d+ (.+)$/
const TRANSMITTED = /^(\d+) packets transmitted, \d+ received/

/** Reads what `ping` printed, as far as it came; lines of another form are passed over. */
export function parsePing(output: string): PingReport {
  const answered = new Set<number>()
  const refusals = new Set<string>()
  const report: PingReport = {
    transmitted: undefined,
    received: 0,
    duplicates: 0,
    roundTripsMs: [],
    refusals: [],
  }
  for (const line of wholeLines(output)) {
    const [, sequence, rest = ''] = ANSWER.exec(line) ?? []
    if (sequence !== undefined) {
      // It is not what was sent, so it is no answer; `ping` sees it so as well.
      if (rest.includes('(BAD CHECKSUM!)')) continue
      if (rest.includes('(DUP!)') || answered.has(Number(sequence))) {
        report.duplicates++
        continue
      }
      answered.add(Number(sequence))
      const roundTrip = ROUND_TRIP.exec(rest)?.[1]
      if (roundTrip !== undefined) report.roundTripsMs.push(Number(roundTrip))
      continue
    }
    const [, from, what] = REFUSAL.exec(line) ?? []
    if (from !== undefined) refusals.add(`From ${from}: ${what}`.slice(0, REFUSAL_LENGTH_MAX))
    const transmitted = TRANSMITTED.exec(line)?.[1]
    if (transmitted !== undefined) report.transmitted = Number(transmitted)
  }
  report.received = answered.size
  report.refusals = [...refusals].slice(0, REFUSALS_MAX)
  return report
}

/** Without the last one, which was cut off when no line break ends it. */
const wholeLines = (output: string): string[] => output.split(/\r?\n/).slice(0, -1)

export type RoundTrips = { minMs: number; avgMs: number; maxMs: number; stddevMs: number }

/** Undefined when no round trip is known. */
export function summarizeRoundTrips(roundTripsMs: readonly number[]): RoundTrips | undefined {
  const count = roundTripsMs.length
  if (count === 0) return undefined
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count
  const avgMs = mean(roundTripsMs)
  return {
    minMs: Math.min(...roundTripsMs),
    avgMs,
    maxMs: Math.max(...roundTripsMs),
    stddevMs: Math.sqrt(mean(roundTripsMs.map((ms) => (ms - avgMs) ** 2))),
  }
}
