import type { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type TLSSocket } from 'node:tls'
import { describeDuration } from '../../base/duration.ts'
import type { RunError } from '../../protocol/run.ts'
import { CheckError } from '../checks/check-runner.ts'
import { isSignedBy, servedChain } from './certificate-chain.ts'
import { CERTIFICATE_PROBLEMS, LACKS_ISSUER } from './certificate-problems.ts'

const MS_PER_DAY = 86_400_000
/** Names of one certificate that are shown; some have thousands. */
const NAMES_SHOWN_MAX = 100

/** What a server showed, judged by the system's clock as any client does. */
export type PeerCertificate = {
  validTo: string
  /** Whole days until it expires; negative when it has. */
  daysLeft: number
  issuer: string
  subject: string
  alternativeNames: string[]
  /** Why the chain is not trusted or not valid; undefined when it is. */
  problem: RunError | undefined
  /** Why the certificate is not for this server; undefined when it is. */
  nameProblem: RunError | undefined
  /** OpenSSL's word for the problem. */
  authorizationError: string | undefined
}

/** What a handshake showed, before anybody judges it. */
export type InspectedPeer = {
  leaf: X509Certificate
  /** All that the server sent, in its order. */
  served: X509Certificate[]
  protocol: string | undefined
  /** OpenSSL's word for what is wrong with the chain; undefined when nothing is. */
  authorizationError: string | undefined
  nameProblem: RunError | undefined
}

/** Whole days from now to an instant, rounded down: negative once it has passed. */
export const daysUntil = (instant: number, now: number): number =>
  Math.floor((instant - now) / MS_PER_DAY)

/** Reads the certificates of a finished handshake, which must not have checked them already. */
export function inspectPeer(socket: TLSSocket, serverName: string): InspectedPeer {
  const leaf = socket.getPeerX509Certificate()
  if (!leaf) throw new CheckError('tls.handshake', 'the server showed no certificate')
  return {
    leaf,
    served: servedChain(leaf),
    protocol: socket.getProtocol() ?? undefined,
    authorizationError: socket.authorized ? undefined : String(socket.authorizationError),
    nameProblem: nameProblem(socket, leaf, serverName),
  }
}

/** Reads the certificate of a finished handshake, which must not have checked it already. */
export function readPeerCertificate(
  socket: TLSSocket,
  serverName: string,
  now: number,
): PeerCertificate {
  const { leaf, served, authorizationError: code, nameProblem } = inspectPeer(socket, serverName)
  return {
    validTo: leaf.validToDate.toISOString(),
    daysLeft: daysUntil(leaf.validToDate.getTime(), now),
    issuer: oneLine(leaf.issuer),
    subject: oneLine(leaf.subject),
    alternativeNames: alternativeNamesOf(leaf, NAMES_SHOWN_MAX),
    problem: code === undefined ? undefined : describeProblem(code, served, now),
    nameProblem,
    authorizationError: code,
  }
}

/** @throws {CheckError} of type `tls.…` when a client would not talk to this server. */
export function requireValid({ problem, nameProblem }: PeerCertificate, target: string): void {
  const found = problem ?? nameProblem
  if (found) throw new CheckError(found.type, `${target}: ${found.message}`)
}

/**
 * What is wrong with a chain, in words that name the certificate.
 *
 * @param words OpenSSL's, for codes that say too little.
 */
export function describeProblem(
  code: string,
  served: readonly X509Certificate[],
  now: number,
  words?: string,
): RunError {
  const [leaf] = served
  const known = CERTIFICATE_PROBLEMS.get(code)
  const type = known?.type ?? 'tls.untrusted'
  const dated = type === 'tls.expired' ? expired(served, now) : undefined
  const early = type === 'tls.not_yet_valid' ? notYetValid(served, now) : undefined
  const lacking = LACKS_ISSUER.has(code) ? missingIssuer(served) : undefined
  const found = dated ?? early ?? lacking
  if (found !== undefined) return { type, message: found }
  const plain =
    code === 'UNSPECIFIED' && words !== undefined
      ? `the chain of certificates is not accepted: ${words}`
      : (known?.words ?? `the certificate is not accepted (${words ?? code})`)
  return { type, message: `${plain} (issuer ${oneLine(leaf?.issuer) || 'not named'})` }
}

function expired(served: readonly X509Certificate[], now: number): string | undefined {
  const one = served.find(({ validToDate }) => validToDate.getTime() < now)
  if (!one) return undefined
  const ago = roughDuration(now - one.validToDate.getTime())
  return `${which(one, served)} expired ${ago} ago (valid until ${one.validToDate.toISOString()})`
}

function notYetValid(served: readonly X509Certificate[], now: number): string | undefined {
  const one = served.find(({ validFromDate }) => validFromDate.getTime() > now)
  if (!one) return undefined
  const wait = roughDuration(one.validFromDate.getTime() - now)
  return `${which(one, served)} becomes valid in ${wait} (valid from ${one.validFromDate.toISOString()})`
}

/** Follows the signatures through what was sent, and names who signed the last. */
function missingIssuer(served: readonly X509Certificate[]): string | undefined {
  const [leaf, ...sent] = served
  let last = leaf
  const left = [...sent]
  while (last) {
    const current: X509Certificate = last
    const index = left.findIndex((candidate) => isSignedBy(current, candidate))
    if (index < 0) break
    last = left.splice(index, 1)[0]
  }
  if (!last) return undefined
  const signed = last === leaf ? 'the certificate' : `"${oneLine(last.subject)}"`
  return `the chain lacks the intermediate "${oneLine(last.issuer)}" that signed ${signed}, and no trusted authority has that name`
}

function nameProblem(
  socket: TLSSocket,
  certificate: X509Certificate,
  serverName: string,
): RunError | undefined {
  if (!checkServerIdentity(serverName, socket.getPeerCertificate())) return undefined
  const names = alternativeNamesOf(certificate, 6)
  const shown = names.length > 0 ? names.slice(0, 5).join(', ') : oneLine(certificate.subject)
  const more = names.length > 5 ? ' and more' : ''
  return {
    type: 'tls.host_name',
    message: `the certificate is for ${shown}${more}, not for ${serverName}`,
  }
}

const which = (meant: X509Certificate, [leaf]: readonly X509Certificate[]): string =>
  meant === leaf ? 'certificate' : `the authority's certificate "${oneLine(meant.subject)}"`

/** The largest unit only, rounded down: `3 h`, `12 d`. */
function roughDuration(ms: number): string {
  const hour = 3_600_000
  const unit = ms >= 2 * MS_PER_DAY ? MS_PER_DAY : ms >= hour ? hour : ms >= 60_000 ? 60_000 : 1_000
  return describeDuration(Math.floor(ms / unit) * unit).replace('.0 s', ' s')
}

// Node writes names in which there is something special as JSON; else one could hide a comma.
const NAME = /(?:^|, )[^:,"]+:("(?:[^"\\]|\\.)*"|[^,]*)/g

/** Host names and addresses that a certificate is for, as far as `countMax` goes. */
export function alternativeNamesOf(certificate: X509Certificate, countMax: number): string[] {
  const names: string[] = []
  for (const [, name = ''] of (certificate.subjectAltName ?? '').matchAll(NAME)) {
    if (names.length >= countMax) break
    names.push(name.startsWith('"') ? unquote(name) : name)
  }
  return names
}

function unquote(name: string): string {
  try {
    return String(JSON.parse(name))
  } catch {
    return name // Shown as it is; whom it is for is OpenSSL's to say.
  }
}

export const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ')
