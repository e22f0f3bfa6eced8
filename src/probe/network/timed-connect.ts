import { once } from 'node:events'
import { connect, isIP, isIPv6, type Socket } from 'node:net'
import type { Addresses } from '../../protocol/check-base.ts'
import type { CheckContext } from '../checks/check-runner.ts'
import { CheckError } from '../checks/check-runner.ts'
import { classifyError } from '../checks/classify-error.ts'
import type { Endpoint } from '../connect-to.ts'
import { requireAllowed } from './address-policy.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { resolveHost } from './resolve-host.ts'

/** RFC 8305 §5: how long one address is tried alone while there is another. */
const ATTEMPT_MS = 250
/** Names with more addresses exist; who cannot be reached at six is not reached. */
const ADDRESSES_MAX = 6

export type ConnectParts = {
  context: Pick<
    CheckContext,
    'connectTo' | 'findings' | 'signal' | 'policy' | 'nameServers' | 'onlyAddress'
  >
  meter: PhaseMeter
  /** Which of the host's addresses; all of them, the usual first, when absent. */
  addresses?: Addresses | undefined
}

/** Where an endpoint really is. */
export type Located = { addresses: string[]; port: number; isRedirected: boolean }

/**
 * Finds the addresses to connect to, as phase `dns`: by a connect-to rule, else by resolving.
 *
 * @throws {CheckError} `connect.forbidden` when the region's policy refuses one of them. (A connect-to
 * rule is the probe's operator's word, and stands above it.)
 */
export function locate(
  endpoint: Endpoint,
  { context, meter, addresses = 'any' }: ConnectParts,
): Promise<Located> {
  const { connectTo, findings, signal, policy, nameServers, onlyAddress } = context
  const target = connectTo.find(endpoint.host, endpoint.port)
  if (target) findings.log(`${describeEndpoint(endpoint)} is at ${describeEndpoint(target)}`)
  const { host, port } = target ?? endpoint
  const isKnown = isIP(host) !== 0
  const overdue = { type: 'dns.timeout', what: `${host} was not resolved` } as const
  return meter.measure('dns', overdue, async () => {
    const family = addresses === 'ipv4' ? 4 : addresses === 'ipv6' ? 6 : undefined
    const servers = nameServers && { servers: nameServers }
    const resolved =
      onlyAddress === undefined
        ? await resolveHost(host, { signal, family, ...servers })
        : [onlyAddress]
    if (!isKnown && onlyAddress === undefined) findings.log(`${host} is ${resolved.join(', ')}`)
    const found = ofFamily(resolved, addresses, host)
    if (!target)
      for (const address of found) requireAllowed(policy, address, describeEndpoint(endpoint))
    return { addresses: found.slice(0, ADDRESSES_MAX), port, isRedirected: target !== undefined }
  })
}

/**
 * Opens a connection of its own to a located endpoint, as phase `connect`. The deadline destroys the
 * socket; whoever gets it destroys it when done.
 */
export async function openConnection(
  endpoint: Endpoint,
  located: Located,
  { context, meter }: ConnectParts,
): Promise<Socket> {
  const target = describeEndpoint(endpoint)
  const overdue = { type: 'connect.timeout', what: `no connection to ${target}` } as const
  return meter.measure('connect', overdue, async () => {
    const socket = startConnecting(located, context.signal)
    socket.on('connectionAttemptFailed', (address, port, _family, error) => {
      if (located.addresses.length > 1)
        context.findings.log(`${describeEndpoint({ host: address, port })}: ${error.message}`)
    })
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      socket.destroy()
      throw toCheckError(error, target)
    }
  })
}

function ofFamily(resolved: readonly string[], addresses: Addresses, host: string): string[] {
  if (addresses !== 'ipv4' && addresses !== 'ipv6') return [...resolved]
  const found = resolved.filter((address) => isIPv6(address) === (addresses === 'ipv6'))
  if (found.length > 0) return found
  const family = addresses === 'ipv4' ? 'IPv4' : 'IPv6'
  throw new CheckError('dns.no_answer', `${host} has no ${family} address`)
}

function startConnecting({ addresses, port }: Located, signal: AbortSignal): Socket {
  const entries = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  const [first = { address: '', family: 4 }] = entries
  const socket = connect({
    host: first.address,
    port,
    signal,
    noDelay: true,
    ...(entries.length > 1 && {
      // Only a name is looked up, and this answers for whichever it is.
      host: 'target',
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      lookup: (_name, _options, answer) => answer(null, entries),
    }),
  })
  // Without a listener an error would end the process. Who waits for the socket sees it as well,
  // and when nobody does any more, it means nothing.
  socket.on('error', () => undefined)
  return socket
}

export const describeEndpoint = ({ host, port }: Endpoint): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`

/** What went wrong with this target, in words that name it. */
export function toCheckError(error: unknown, target: string): CheckError {
  if (error instanceof CheckError) return error
  const { type, message } = classifyError(error, target)
  return new CheckError(type, message, { cause: error })
}
