import type { X509Certificate } from 'node:crypto'
import type { Assertion } from '../../protocol/expectation.ts'
import type { RunError } from '../../protocol/run.ts'
import type { BuiltChain } from '../network/certificate-chain.ts'
import { keyOf } from '../network/certificate-key.ts'
import type { HandshakeFacts } from '../network/handshake-facts.ts'
import type { Staple } from '../network/ocsp-staple.ts'
import {
  alternativeNamesOf,
  daysUntil,
  type InspectedPeer,
  oneLine,
} from '../network/peer-certificate.ts'
import type { Findings } from './check-runner.ts'

/** A certificate with more names is as large as clients take. */
const NAMES_MAX = 20_000

export type Trust = {
  /** Why clients refuse the server; undefined when they do not. */
  problem: RunError | undefined
  /** Epoch milliseconds. */
  now: number
}

/** What every kind over TLS tells of the certificate: days left, trust, name and protocol. */
export function recordTrust(
  peer: InspectedPeer,
  { problem, now }: Trust,
  findings: Findings,
): void {
  const { leaf, nameProblem, protocol, authorizationError } = peer
  const daysLeft = daysUntil(leaf.validToDate.getTime(), now)
  const isExpired = problem?.type === 'tls.expired'
  findings.subject('daysLeft', daysLeft, isExpired ? () => problem : undefined)
  findings.subject('trusted', problem === undefined, problem && (() => problem))
  findings.subject('hostNameMatches', nameProblem === undefined, nameProblem && (() => nameProblem))
  findings.subject('protocol', protocol)
  findings.fact('certificateDaysLeft', daysLeft)
  findings.fact('validTo', leaf.validToDate.toISOString())
  findings.fact('issuer', oneLine(leaf.issuer))
  findings.fact('subject', oneLine(leaf.subject))
  findings.fact('trusted', problem === undefined)
  findings.fact('hostNameMatches', nameProblem === undefined)
  if (protocol !== undefined) findings.fact('protocol', protocol)
  if (authorizationError !== undefined) findings.fact('authorizationError', authorizationError)
}

/** What is written in the certificate itself. */
export function recordCertificate({ leaf, served }: InspectedPeer, findings: Findings): void {
  const key = keyOf(leaf)
  const both = (name: string, value: string | number | undefined) => {
    findings.subject(name, value)
    if (value !== undefined) findings.fact(name, value)
  }
  findings.subject('issuer', oneLine(leaf.issuer))
  findings.subject('subject', oneLine(leaf.subject))
  const names = alternativeNamesOf(leaf, NAMES_MAX)
  findings.subject('alternativeNames', names)
  findings.fact('alternativeNames', names)
  both('serialNumber', leaf.serialNumber)
  both('fingerprint', leaf.fingerprint256)
  both('keyType', key?.type)
  both('keyBits', key?.bits)
  both('signature', leaf.signatureAlgorithm)
  both('chainLength', served.length)
}

export function recordHandshake(facts: HandshakeFacts, findings: Findings): void {
  for (const [name, value] of Object.entries(facts)) {
    findings.subject(name, value)
    if (value !== undefined) findings.fact(name, value)
  }
}

/** Days left of what was sent, and of what clients make of it. */
export function recordChain(
  { served }: InspectedPeer,
  { certificates, isAnchored }: BuiltChain,
  now: number,
  findings: Findings,
): void {
  recordFirstEnd('chainDaysLeft', served, now, findings)
  if (isAnchored) recordFirstEnd('verifiedDaysLeft', certificates, now, findings)
  findings.fact(
    'chain',
    served.map(({ subject, validToDate }) => `${oneLine(subject)}, until ${dayOf(validToDate)}`),
  )
}

function recordFirstEnd(
  name: string,
  certificates: readonly X509Certificate[],
  now: number,
  findings: Findings,
): void {
  const [first] = certificates.toSorted((a, b) => +a.validToDate - +b.validToDate)
  if (!first) return
  const daysLeft = daysUntil(first.validToDate.getTime(), now)
  const which = `"${oneLine(first.subject)}" ${daysLeft < 0 ? 'ended' : 'ends'} on ${first.validToDate.toISOString()}`
  findings.fact(name, daysLeft)
  findings.subject(name, daysLeft, (broken) => ({
    type: daysLeft < 0 ? 'tls.expired' : 'assertion',
    message: `${describeBroken(broken)}: ${which}`,
  }))
}

export function recordStaple({ status, words, nextUpdate }: Staple, findings: Findings): void {
  findings.fact('ocsp', status)
  if (nextUpdate !== undefined) findings.fact('ocspUntil', new Date(nextUpdate).toISOString())
  findings.subject('ocsp', status, (broken) =>
    status === 'revoked'
      ? { type: 'tls.revoked', message: words }
      : { type: 'assertion', message: `${describeBroken(broken)}: ${words}` },
  )
}

export const describeBroken = ({ subject, expected, actual }: Assertion): string =>
  `${subject}: expected ${expected}, got ${actual}`

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10)
