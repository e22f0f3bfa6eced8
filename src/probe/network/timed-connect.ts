import { once } from 'node:events'
import { connect, isIP, isIPv6, type Socket } from 'node:net'
import type { Addresses } from '../../protocol/check-base.ts'
import type { CheckContext } from '../checks/check-runner.ts'
import { CheckError } from '../checks/check-runner.ts'
import { classifyError } from '../checks/classify-error.ts'
import type { Endpoint } from '../connect-to.ts'
import { requireAllowed } from './address-policy.ts'
import { letGoWhenClosed } from './let-go.ts'
import type { PhaseMeter, Span } from './phase-meter.ts'
import { resolveHost } from './resolve-host.ts'

/** RFC 8305 §5: how long after one address the next one is tried as well. */
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
    const chosen = addresses === 'both' ? firstOfEachFamily(found) : found
    const [kept, left] = [chosen.slice(0, ADDRESSES_MAX), chosen.slice(ADDRESSES_MAX)]
    if (addresses === 'every' && left.length > 0)
      findings.log(
        `${host} has ${chosen.length} addresses, of which ${kept.length} are looked at; left out: ${left.join(', ')}`,
      )
    return { addresses: kept, port, isRedirected: target !== undefined }
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
  return meter.measure('connect', overdue, async (span) => {
    try {
      return await connectToAny(located, context, span)
    } catch (error) {
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

function firstOfEachFamily(addresses: readonly string[]): string[] {
  const four = addresses.find((address) => !isIPv6(address))
  const six = addresses.find((address) => isIPv6(address))
  return [four, six].filter((address) => address !== undefined)
}

type Connecting = Pick<CheckContext, 'findings' | 'signal'>

/** @throws {AggregateError} when there are several addresses, and none of them can be connected to. */
async function connectToAny(
  { addresses, port }: Located,
  { findings, signal }: Connecting,
  span: Span,
): Promise<Socket> {
  const [first = '', ...others] = addresses
  if (others.length > 0) return raceToConnect({ addresses, port }, { findings, signal }, span)
  const socket = startConnecting(first, port, signal)
  socket.once('connect', span.end)
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/**
 * One attempt for each address, a little apart, or at once when the one before has failed. Those
 * before go on meanwhile (Node's own `autoSelectFamily` ends them): a slow address is still one that
 * answers. The first that connects stays, the others are destroyed.
 */
function raceToConnect(
  { addresses, port }: Omit<Located, 'isRedirected'>,
  { findings, signal }: Connecting,
  span: Span,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const attempts: Socket[] = []
  const errors: unknown[] = []
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  const end = (winner?: Socket) => {
    isOver = true
    clearTimeout(timer)
    for (const socket of attempts) if (socket !== winner) socket.destroy()
  }
  const failed = (socket: Socket, address: string, error: Error) => {
    if (isOver) return
    errors.push(error)
    // The deadline destroys them all, which is no news of an address.
    if (!signal.aborted)
      findings.log(`${describeEndpoint({ host: address, port })}: ${error.message}`)
    if (signal.aborted || errors.length === addresses.length) {
      end()
      reject(signal.aborted ? error : new AggregateError(errors))
    } else if (socket === attempts.at(-1)) startNext()
  }
  const startNext = () => {
    clearTimeout(timer)
    const address = addresses[attempts.length]
    if (address === undefined) return
    const socket = startConnecting(address, port, signal)
    attempts.push(socket)
    socket.once('error', (error) => failed(socket, address, error))
    socket.once('connect', () => {
      span.end()
      end(socket)
      resolve(socket)
    })
    if (attempts.length < addresses.length) timer = setTimeout(startNext, ATTEMPT_MS)
  }
  startNext()
  return promise
}

function startConnecting(host: string, port: number, signal: AbortSignal): Socket {
  const socket = connect({ host, port, noDelay: true })
  destroyOnAbort(socket, signal)
  // Without a listener an error would end the process. Who waits for the socket sees it as well,
  // and when nobody does any more, it means nothing.
  socket.on('error', () => undefined)
  letGoWhenClosed(socket)
  return socket
}

/** What the option `signal` does, which also makes an error with its stack whenever a socket closes. */
function destroyOnAbort(socket: Socket, signal: AbortSignal): void {
  const abort = () => {
    socket.destroy(signal.reason)
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', abort))
}

export const describeEndpoint = ({ host, port }: Endpoint): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`

/** What went wrong with this target, in words that name it. */
export function toCheckError(error: unknown, target: string): CheckError {
  if (error instanceof CheckError) return error
  const { type, message } = classifyError(error, target)
  return new CheckError(type, message, { cause: error })
}
