import type { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type TLSSocket } from 'node:tls'
import { describeDuration } from '../../base/duration.ts'
import type { RunError } from '../../protocol/run.ts'
import { CheckError } from '../checks/check-runner.ts'
import { CERTIFICATE_PROBLEMS } from './certificate-problems.ts'

const MS_PER_DAY = 86_400_000
/** Longer chains are refused by every client; here it only bounds the walk. */
const CHAIN_MAX = 10
/** Names of one certificate that are shown; some have thousands. */
const NAMES_MAX = 100

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

/** Reads the certificate of a finished handshake, which must not have checked it already. */
export function readPeerCertificate(
  socket: TLSSocket,
  serverName: string,
  now: number,
): PeerCertificate {
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) throw new CheckError('tls.handshake', 'the server showed no certificate')
  const code = socket.authorized ? undefined : String(socket.authorizationError)
  return {
    validTo: new Date(certificate.validToDate).toISOString(),
    daysLeft: Math.floor((certificate.validToDate.getTime() - now) / MS_PER_DAY),
    issuer: oneLine(certificate.issuer),
    subject: oneLine(certificate.subject),
    alternativeNames: namesOf(certificate),
    problem: code === undefined ? undefined : describeProblem(code, certificate, now),
    nameProblem: nameProblem(socket, certificate, serverName),
    authorizationError: code,
  }
}

/** @throws {CheckError} of type `tls.…` when a client would not talk to this server. */
export function requireValid({ problem, nameProblem }: PeerCertificate, target: string): void {
  const found = problem ?? nameProblem
  if (found) throw new CheckError(found.type, `${target}: ${found.message}`)
}

function describeProblem(code: string, certificate: X509Certificate, now: number): RunError {
  const chain = chainOf(certificate)
  const { type, words } = CERTIFICATE_PROBLEMS.get(code) ?? {
    type: 'tls.untrusted' as const,
    words: `the certificate is not accepted (${code})`,
  }
  const expired = chain.find(({ validToDate }) => validToDate.getTime() < now)
  if (type === 'tls.expired' && expired) {
    const validTo = expired.validToDate
    const ago = roughDuration(now - validTo.getTime())
    const message = `${which(expired, certificate)} expired ${ago} ago (valid until ${validTo.toISOString()})`
    return { type, message }
  }
  const early = chain.find(({ validFromDate }) => validFromDate.getTime() > now)
  if (type === 'tls.not_yet_valid' && early) {
    const validFrom = early.validFromDate
    const wait = roughDuration(validFrom.getTime() - now)
    const message = `${which(early, certificate)} becomes valid in ${wait} (valid from ${validFrom.toISOString()})`
    return { type, message }
  }
  return { type, message: `${words} (issuer ${oneLine(certificate.issuer) || 'not named'})` }
}

function nameProblem(
  socket: TLSSocket,
  certificate: X509Certificate,
  serverName: string,
): RunError | undefined {
  if (!checkServerIdentity(serverName, socket.getPeerCertificate())) return undefined
  const names = namesOf(certificate)
  const shown = names.length > 0 ? names.slice(0, 5).join(', ') : oneLine(certificate.subject)
  const more = names.length > 5 ? ' and more' : ''
  return {
    type: 'tls.host_name',
    message: `the certificate is for ${shown}${more}, not for ${serverName}`,
  }
}

const which = (meant: X509Certificate, leaf: X509Certificate): string =>
  meant === leaf ? 'certificate' : `the authority's certificate "${oneLine(meant.subject)}"`

function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain = [leaf]
  while (chain.length < CHAIN_MAX) {
    const last = chain.at(-1)
    const issuer = last?.issuerCertificate
    if (!issuer || issuer.fingerprint256 === last.fingerprint256) break
    chain.push(issuer)
  }
  return chain
}

/** The largest unit only, rounded down: `3 h`, `12 d`. */
function roughDuration(ms: number): string {
  const hour = 3_600_000
  const unit = ms >= 2 * MS_PER_DAY ? MS_PER_DAY : ms >= hour ? hour : ms >= 60_000 ? 60_000 : 1_000
  return describeDuration(Math.floor(ms / unit) * unit).replace('.0 s', ' s')
}

function namesOf(certificate: X509Certificate): string[] {
  const names = certificate.subjectAltName?.split(', ') ?? []
  return names.slice(0, NAMES_MAX).map((name) => name.replace(/^(DNS|IP Address):/, ''))
}

const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ')
