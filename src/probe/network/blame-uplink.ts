import type { Phase, RunError, RunErrorType } from '../../protocol/run.ts'

/** What one reference of the region did: a name that is resolved, an address that is connected to. */
export type ReferenceFinding = {
  /** `shop.example.com`, `192.0.2.1:443`. */
  subject: string
  isFine: boolean
  /** What came, in words that stand after the subject: `refused`. */
  message: string
}

export type UplinkFindings = {
  names: readonly ReferenceFinding[]
  addresses: readonly ReferenceFinding[]
}

export type NetworkFailure = {
  error: RunError
  phases: readonly Phase[]
  /** Whether names were resolved by the probe's own resolver, and not by a server that the check says. */
  isOwnResolver: boolean
}

const CONNECTION_ERRORS: ReadonlySet<RunErrorType> = new Set([
  'connect.refused',
  'connect.reset',
  'connect.timeout',
  'connect.unreachable',
  'icmp.no_answer',
])

/** Phases that begin with something from the target: it was reached. */
const ANSWERED: ReadonlySet<string> = new Set(['download', 'tls', 'upgrade', 'exchange'])

/** Whether a failure could as well be this probe's own network. */
export function isNetworkFailure({ error, phases }: NetworkFailure): boolean {
  if (error.type.startsWith('dns.') || CONNECTION_ERRORS.has(error.type)) return true
  return error.type === 'timeout' && !phases.some(({ name }) => ANSWERED.has(name))
}

/**
 * Whose fault a failure of the network is, by what the region's references did at the same time: ours,
 * in words, when every one of them failed; undefined when it stays the target's. The resolver is judged
 * by names and the way to the target by addresses, each by the other where there is none of its own.
 */
export function blameUplink(
  failure: NetworkFailure,
  { names, addresses }: UplinkFindings,
): RunError | undefined {
  if (!isNetworkFailure(failure)) return undefined
  const isResolving = failure.error.type.startsWith('dns.') && failure.isOwnResolver
  const [first, second] = isResolving ? [names, addresses] : [addresses, names]
  const references = first.length > 0 ? first : second
  if (references.length === 0 || references.some(({ isFine }) => isFine)) return undefined
  const what =
    references === names
      ? 'its resolver finds none of its reference names'
      : 'none of its reference addresses accepts a connection'
  const tried = references.map(({ subject, message }) => `${subject}: ${message}`).join('; ')
  return {
    type: 'probe.uplink',
    message: `this probe's own network fails: ${what} (${tried}), so nothing is known about the target (${failure.error.message})`,
  }
}
