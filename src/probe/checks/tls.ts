import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { messageOf } from '../../base/app-error.ts'
import type { TlsCheck } from '../../protocol/kinds/tls.ts'
import type { RunError } from '../../protocol/run.ts'
import { within } from '../../runtime/deadline.ts'
import { type BuiltChain, buildChain } from '../network/certificate-chain.ts'
import { isRegistrysWord, type Registration } from '../network/domain-registration.ts'
import { readHandshake } from '../network/handshake-facts.ts'
import { type InspectOptions, inspectTls } from '../network/inspect-tls.ts'
import { readStaple, type Staple } from '../network/ocsp-staple.ts'
import {
  daysUntil,
  describeProblem,
  type InspectedPeer,
  inspectPeer,
} from '../network/peer-certificate.ts'
import { createPhaseMeter, isPastDeadline } from '../network/phase-meter.ts'
import { startTls } from '../network/start-tls.ts'
import {
  type ConnectParts,
  describeEndpoint,
  type Located,
  locate,
  openConnection,
} from '../network/timed-connect.ts'
import { tlsContext } from '../network/tls-context.ts'
import { trustedIssuers } from '../network/trusted-issuers.ts'
import { type ClientVerdict, isClientsVerdict, verifyAsClient } from '../network/verify-tls.ts'
import type { CheckContext, CheckRunner } from './check-runner.ts'
import {
  describeBroken,
  recordCertificate,
  recordChain,
  recordHandshake,
  recordStaple,
  recordTrust,
} from './record-certificate.ts'
import { createFindingsRecorder } from './record-findings.ts'

/** How long a server may take to close its side; the check's time is over by then. */
const LEAVE_MS = 100
/** For the second connection, of what the run has left. */
const SECOND_LOOK_MS_MAX = 5_000
/** For the registry, of what the run has left. */
const RDAP_MS_MAX = 5_000
const DOMAIN_DAYS = 'domainDaysLeft'

/**
 * Looks at the certificate that a server presents, in two passes: one that refuses nothing, which is
 * what is measured, and the verdict of a client, for which a second connection is seldom needed (see
 * `verify-tls.ts`). What it finds is kept for bad certificates as well.
 */
export const runTlsCheck: CheckRunner<'tls'> = async (check, context) => {
  const options = inspectOptionsOf(check, context)
  // Made once for many runs, and no part of the measured time.
  tlsContext(options.manner, options)
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const { addresses } = check
  const parts = { context, meter: createPhaseMeter(context, check.timeoutMs), addresses }
  const located = await locate({ host: check.host, port: check.port }, parts)
  const tcp = await open(check, located, parts)
  try {
    const { remoteAddress = '', remotePort = 0 } = tcp
    findings.fact('address', describeEndpoint({ host: remoteAddress, port: remotePort }))
    const { target } = options
    const overdue = { type: 'tls.handshake', what: `no TLS handshake with ${target}` } as const
    const shaken = await parts.meter.measure('tls', overdue, () => inspectTls(tcp, options))
    const totalMs = clock.monotonic() - startedAt
    findings.subject('total', totalMs)
    findings.duration(totalMs)
    const peer = inspectPeer(shaken.socket, options.serverName)
    recordHandshake(readHandshake(shaken.socket), findings)
    await leave(shaken.socket)
    await judgePeer({ ...parts, check, located, options }, peer, shaken.staple)
  } finally {
    tcp.destroy()
  }
  await recordRegistration(check, context)
}

function inspectOptionsOf(check: TlsCheck, { secret }: CheckContext): InspectOptions {
  const { host, port, serverName = host, trustedRoots, clientCertificate } = check
  // Servers of mail and the like may refuse a client that offers them HTTP.
  const alpn = check.alpn ?? (check.startTls ? [] : ['http/1.1'])
  const target = describeEndpoint({ host, port })
  return { manner: 'anything', serverName, target, alpn, trustedRoots, clientCertificate, secret }
}

/** A connection on which the server waits for a handshake. */
async function open(check: TlsCheck, located: Located, parts: ConnectParts): Promise<Socket> {
  const endpoint = { host: check.host, port: check.port }
  const tcp = await openConnection(endpoint, located, parts)
  try {
    if (check.startTls) {
      const target = describeEndpoint(endpoint)
      await startTls(tcp, check.startTls, { meter: parts.meter, target, helloName: ownName() })
    }
    return tcp
  } catch (error) {
    tcp.destroy()
    throw error
  }
}

/** RFC 5321 §4.1.3: a name, or at least something that looks like one. */
export function ownName(): string {
  const name = hostname()
  return /^[A-Za-z0-9.-]{1,253}$/.test(name) ? name : 'localhost'
}

/** Ends in order. Many servers write down a client that just vanishes as a handshake that failed. */
export async function leave(socket: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  socket.resume().end()
  await within(LEAVE_MS, closed)
  socket.destroy()
}

type PeerParts = ConnectParts & {
  context: CheckContext
  check: TlsCheck
  located: Located
  options: InspectOptions
}

async function judgePeer(
  parts: PeerParts,
  peer: InspectedPeer,
  response: Buffer | undefined,
): Promise<void> {
  const { check, context, options } = parts
  const { findings, clock } = context
  const now = clock.now()
  const built: BuiltChain = buildChain(peer.served, trustedIssuers(check.trustedRoots), now)
  const staple = readStaple(response, { leaf: peer.leaf, issuer: built.certificates[1], now })
  recordCertificate(peer, findings)
  recordChain(peer, built, now, findings)
  recordStaple(staple, findings)
  // For a run that ends before the second look does.
  recordTrust(peer, { problem: problemOf(peer, firstVerdict(peer), staple, now), now }, findings)
  if (isClientsVerdict(peer)) return
  const verdict = await secondLook(parts, options)
  recordTrust(peer, { problem: problemOf(peer, verdict, staple, now), now }, findings)
}

/** As a client of today, over a connection of its own; none of it is in the run's times. */
async function secondLook(parts: PeerParts, options: InspectOptions): Promise<ClientVerdict> {
  const { check, context, located } = parts
  const { findings: unread } = createFindingsRecorder()
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(SECOND_LOOK_MS_MAX)])
  const silent = { ...context, findings: unread, signal }
  const meter = createPhaseMeter(silent, check.timeoutMs)
  const verdict = await verifyAsClient(
    () => open(check, located, { context: silent, meter }),
    options,
    signal,
  )
  throwIfStopped(context.signal)
  const { findings } = context
  if (verdict.kind === 'unknown')
    findings.log(`${options.target} was not looked at as by a client of today: ${verdict.words}`)
  else if (verdict.kind === 'refused')
    findings.log(`a client of today refuses ${options.target}: ${verdict.words}`)
  return verdict
}

const firstVerdict = ({ authorizationError: code }: InspectedPeer): ClientVerdict =>
  code === undefined ? { kind: 'accepted' } : { kind: 'refused', code, words: code }

function problemOf(
  peer: InspectedPeer,
  verdict: ClientVerdict,
  staple: Staple,
  now: number,
): RunError | undefined {
  if (staple.status === 'revoked') return { type: 'tls.revoked', message: staple.words }
  const { kind } = verdict
  if (kind === 'accepted') return undefined
  if (kind === 'unknown')
    return peer.authorizationError === undefined
      ? undefined
      : describeProblem(peer.authorizationError, peer.served, now)
  const { code, words } = verdict
  if (code !== undefined) return describeProblem(code, peer.served, now, words)
  const spoken =
    peer.protocol === undefined ? '' : ` (with an old one it agrees on ${peer.protocol})`
  return {
    type: 'tls.handshake',
    message: `a client of today gets no handshake: ${words}${spoken}`,
  }
}

/**
 * A registry's answer is asked for only where it is expected. A registry that gives none is no fault of
 * the target: then the days are not known. One that knows no end of the registration has answered.
 */
async function recordRegistration(check: TlsCheck, context: CheckContext): Promise<void> {
  if (!check.expectations.some(({ subject }) => subject === DOMAIN_DAYS)) return
  const { domains, findings } = context
  const limit = AbortSignal.timeout(RDAP_MS_MAX)
  const signal = AbortSignal.any([context.signal, limit])
  const parts = { context: { ...context, signal }, limitMs: RDAP_MS_MAX }
  try {
    const { trustedRoots } = check
    const found = await domains.find(check.host, check.rdapServer, { ...parts, trustedRoots })
    recordDaysLeft(found, context)
  } catch (error) {
    throwIfStopped(context.signal)
    const message = messageOf(error)
    findings.log(`${DOMAIN_DAYS}: ${message}`)
    if (!isRegistrysWord(error)) return findings.unknown(DOMAIN_DAYS, message)
    findings.subject(DOMAIN_DAYS, undefined, () => ({
      type: 'rdap.failed',
      message: `${DOMAIN_DAYS}: ${message}`,
    }))
  }
}

function recordDaysLeft({ domain, expiresAt }: Registration, { clock, findings }: CheckContext) {
  const daysLeft = daysUntil(expiresAt, clock.now())
  const until = new Date(expiresAt).toISOString()
  findings.fact('domain', domain)
  findings.fact('domainUntil', until)
  findings.fact(DOMAIN_DAYS, daysLeft)
  findings.subject(DOMAIN_DAYS, daysLeft, (broken) => ({
    type: 'assertion',
    message: `${describeBroken(broken)}: the registration of ${domain} ends on ${until}`,
  }))
}

/** A probe that stops has found nothing out; a deadline that has passed is what the finding is about. */
function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted && !isPastDeadline(signal)) signal.throwIfAborted()
}
