import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { codeOf, messageOf } from '../../base/app-error.ts'
import type { RunErrorType } from '../../protocol/run.ts'
import { waitFor } from '../../runtime/deadline.ts'
import { CheckError } from '../checks/check-runner.ts'
import { createHostsFile, HOSTS_FILE, type HostsFile } from './hosts-file.ts'

/** A try is repeated after this; the time doubles. The run's deadline ends it in any case. */
const TRY_MS = 1_500
const TRIES = 3

/** RFC 8305 §3: how long the other family is waited for once one has answered. */
const OTHER_FAMILY_MS = 50

export type ResolveOptions = {
  signal: AbortSignal
  /** The only family that is asked for; both when absent. Literals and the hosts file are as they are. */
  family?: 4 | 6 | undefined
  /** Name servers to ask instead of the system's. */
  servers?: readonly string[]
  hosts?: HostsFile
}

// Shared by all runs: it holds nothing but what is in the file.
const systemHosts = createHostsFile(HOSTS_FILE)

/**
 * The addresses of a host, the one to try first in front. From the literal, the hosts file, or the
 * DNS; never through `dns.lookup`, whose few threads one slow name server blocks for every check.
 *
 * @throws {CheckError} of type `dns.…`, or `probe.network` when this machine has no resolver.
 */
export async function resolveHost(host: string, options: ResolveOptions): Promise<string[]> {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (isIP(name) !== 0) return [name]
  const listed = (options.hosts ?? systemHosts)(name)
  if (listed) return [...listed]
  // RFC 6761 §6.3: these names are this machine's, whatever a name server says.
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1']
  return askResolver(name, options)
}

type Family = { addresses: string[]; error?: unknown }

const nobodyAsked: Promise<Family> = Promise.resolve({ addresses: [] })

async function askResolver(name: string, options: ResolveOptions): Promise<string[]> {
  const { signal, servers, family } = options
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES })
  if (servers) resolver.setServers(servers)
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    signal.throwIfAborted()
    const v4 = family === 6 ? nobodyAsked : settle(resolver.resolve4(name))
    const v6 = family === 4 ? nobodyAsked : settle(resolver.resolve6(name))
    const [four, six] = await Promise.all([unlessLate(v4, v6, signal), unlessLate(v6, v4, signal)])
    const addresses = hasGlobalIpv6()
      ? [...six.addresses, ...four.addresses]
      : [...four.addresses, ...six.addresses]
    if (addresses.length > 0) return addresses
    signal.throwIfAborted()
    const error = four.error ?? six.error
    if (family && codeOf(error) === 'ENODATA')
      throw new CheckError('dns.no_answer', `${name} has no IPv${family} address`, { cause: error })
    throw resolutionError(name, resolver.getServers(), error)
  } finally {
    signal.removeEventListener('abort', cancel)
    resolver.cancel()
  }
}

async function settle(asked: Promise<string[]>): Promise<Family> {
  try {
    return { addresses: await asked }
  } catch (error) {
    return { addresses: [], error }
  }
}

/** One family's answer, or none when the other has given addresses and this one is slow. */
async function unlessLate(
  own: Promise<Family>,
  other: Promise<Family>,
  signal: AbortSignal,
): Promise<Family> {
  const late = async (): Promise<Family> => {
    const { addresses } = await other
    if (addresses.length === 0) return own
    await waitFor(OTHER_FAMILY_MS, signal)
    return { addresses: [] }
  }
  return Promise.race([own, late()])
}

/** RFC 6724 in short: without an IPv6 address of the Internet, IPv4 comes first. */
function hasGlobalIpv6(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((entry) => entry?.family === 'IPv6' && /^[23]/.test(entry.address))
}

const FAILURES: Record<string, { type: RunErrorType; words: string }> = {
  ENOTFOUND: { type: 'dns.not_found', words: 'does not exist' },
  ENODATA: { type: 'dns.no_answer', words: 'has no address' },
  ESERVFAIL: { type: 'dns.server_failure', words: 'cannot be resolved: its name servers fail' },
  ENOTIMP: { type: 'dns.server_failure', words: 'cannot be resolved: not implemented' },
  EREFUSED: { type: 'dns.refused', words: 'cannot be resolved: the resolver refused to answer' },
  ETIMEOUT: { type: 'dns.timeout', words: 'cannot be resolved: no answer in time' },
  EBADRESP: { type: 'dns.malformed', words: 'cannot be resolved: the answer is malformed' },
  EFORMERR: { type: 'dns.malformed', words: 'cannot be resolved: the query was not understood' },
  EBADNAME: { type: 'dns.malformed', words: 'is no valid name' },
}

function resolutionError(name: string, servers: string[], error: unknown): CheckError {
  const failure = FAILURES[codeOf(error) ?? '']
  if (failure) return new CheckError(failure.type, `${name} ${failure.words}`, { cause: error })
  // Nobody listens where this machine sends its questions: that says nothing about the target.
  if (codeOf(error) === 'ECONNREFUSED')
    return new CheckError(
      'probe.network',
      `${name} cannot be resolved: no resolver of this probe (${servers.join(', ')}) can be reached`,
      { cause: error },
    )
  return new CheckError('probe.internal', `resolving ${name}: ${messageOf(error)}`, {
    cause: error,
  })
}
