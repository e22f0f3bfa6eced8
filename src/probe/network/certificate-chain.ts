import type { X509Certificate } from 'node:crypto'
import { readCertificateParts } from './certificate-parts.ts'
import type { TrustedIssuers } from './trusted-issuers.ts'

/** OpenSSL refuses longer chains; here it only bounds the walk. */
const CHAIN_MAX = 100

/**
 * The certificates that the server sent, in its order. Node gives them so: what it calls a
 * certificate's issuer is the next one that came, whatever signed the first.
 */
export function servedChain(leaf: X509Certificate): X509Certificate[] {
  const chain = [leaf]
  let next = leaf.issuerCertificate
  while (next && chain.length < CHAIN_MAX) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

export type BuiltChain = {
  /** The leaf first. */
  certificates: X509Certificate[]
  /** Whether it ends at an authority that is trusted. */
  isAnchored: boolean
}

/**
 * The chain that clients build: for each certificate the authorities that are trusted come before
 * those that the server sent, so that a cross-signed authority ends it early. Dates do not matter,
 * except that of two possible issuers the one that is valid now is taken, and the longest.
 */
export function buildChain(
  served: readonly X509Certificate[],
  trusted: TrustedIssuers,
  now: number,
): BuiltChain {
  const [leaf, ...sent] = served
  const certificates = leaf ? [leaf] : []
  let isAnchored = leaf !== undefined && isTrusted(leaf, trusted)
  for (let last = leaf; last && certificates.length < CHAIN_MAX; last = certificates.at(-1)) {
    if (isSelfSigned(last)) break
    const anchor = bestIssuer(last, trusted.named(readCertificateParts(last.raw).issuer), now)
    const next = anchor ?? bestIssuer(last, sent, now)
    if (!next || certificates.some((one) => one.fingerprint256 === next.fingerprint256)) break
    certificates.push(next)
    isAnchored = anchor !== undefined && isSelfSigned(anchor)
  }
  return { certificates, isAnchored }
}

function isTrusted(certificate: X509Certificate, trusted: TrustedIssuers): boolean {
  const named = trusted.named(readCertificateParts(certificate.raw).subject)
  return named.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)
}

export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && isSignedBy(certificate, certificate)

function bestIssuer(
  certificate: X509Certificate,
  candidates: readonly X509Certificate[],
  now: number,
): X509Certificate | undefined {
  const rank = (one: X509Certificate) =>
    (isValidAt(one, now) ? Number.MAX_SAFE_INTEGER / 2 : 0) + one.validToDate.getTime()
  return candidates
    .filter((candidate) => isSignedBy(certificate, candidate))
    .toSorted((a, b) => rank(b) - rank(a))[0]
}

/** Whether the name and the key are right. */
export function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false // A key of a kind that OpenSSL does not know has signed nothing that it can check.
  }
}

export const isValidAt = (certificate: X509Certificate, now: number): boolean =>
  certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime()
