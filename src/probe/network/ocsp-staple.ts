import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import {
  BasicOCSPResponse,
  type CertID,
  id_kp_OCSPSigning,
  id_pkix_ocsp_basic,
  OCSPResponse,
  OCSPResponseStatus,
  type SingleResponse,
} from '@peculiar/asn1-ocsp'
import { AsnConvert } from '@peculiar/asn1-schema'
import { isSignedBy, isValidAt } from './certificate-chain.ts'
import { readCertificateParts } from './certificate-parts.ts'
import { readSequence } from './der.ts'

/** `invalid` is one that proves nothing: not about this certificate, not signed by its authority. */
export type StapleStatus = 'good' | 'revoked' | 'unknown' | 'expired' | 'invalid' | 'none'

/** What a stapled OCSP response (RFC 6960) says; `words` say why it is not good. */
export type Staple = { status: StapleStatus; words: string; nextUpdate?: number }

export type StapleSubject = {
  leaf: X509Certificate
  /** Undefined when nobody knows it. */
  issuer: X509Certificate | undefined
  /** Epoch milliseconds. */
  now: number
}

/** How far the responder's clock may be ahead of ours. */
const CLOCK_TOLERANCE_MS = 5 * 60_000
/** Certificates that a response brings along; one is usual. */
const RESPONDERS_MAX = 5
const CERTIFICATES_TAG = 0xa0

const none: Staple = { status: 'none', words: 'the server staples no OCSP response' }
const invalid = (why: string): Staple => ({
  status: 'invalid',
  words: `the stapled OCSP response ${why}`,
})

/** Reads and checks a stapled response. Never throws. */
export function readStaple(der: Buffer | undefined, subject: StapleSubject): Staple {
  if (!der) return none
  try {
    const response = AsnConvert.parse(der, OCSPResponse)
    if (response.responseStatus !== OCSPResponseStatus.successful) {
      const status = OCSPResponseStatus[response.responseStatus] ?? response.responseStatus
      return invalid(`says nothing but "${status}"`)
    }
    if (response.responseBytes?.responseType !== id_pkix_ocsp_basic)
      return invalid('is of an unknown type')
    return readBasic(Buffer.from(response.responseBytes.response.buffer), subject)
  } catch {
    return invalid('cannot be read') // Whatever the bytes were, they were no response.
  }
}

function readBasic(der: Buffer, { leaf, issuer, now }: StapleSubject): Staple {
  const basic = AsnConvert.parse(der, BasicOCSPResponse)
  if (!issuer)
    return invalid('cannot be checked, because the certificate of the authority is missing')
  const single = basic.tbsResponseData.responses.find(({ certID }) => isAbout(certID, leaf, issuer))
  if (!single) return invalid('is about another certificate')
  const problem = signatureProblem(der, basic.signatureAlgorithm.algorithm, issuer, now)
  if (problem !== undefined) return invalid(problem)
  return judge(single, now)
}

function judge({ certStatus, thisUpdate, nextUpdate }: SingleResponse, now: number): Staple {
  const until = nextUpdate?.getTime()
  const dated = until === undefined ? {} : { nextUpdate: until }
  if (thisUpdate.getTime() > now + CLOCK_TOLERANCE_MS)
    return invalid(`is from the future (${thisUpdate.toISOString()})`)
  // A certificate that was revoked stays so, however old the news.
  if (certStatus.revoked) {
    const since = certStatus.revoked.revocationTime.toISOString()
    return { status: 'revoked', words: `the certificate was revoked on ${since}`, ...dated }
  }
  if (until !== undefined && until < now) {
    const words = `the stapled OCSP response was good until ${new Date(until).toISOString()} only`
    return { status: 'expired', words, ...dated }
  }
  if (certStatus.good === undefined)
    return { status: 'unknown', words: 'the authority does not know the certificate', ...dated }
  return { status: 'good', words: 'the certificate is not revoked', ...dated }
}

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

function isAbout(id: CertID, leaf: X509Certificate, issuer: X509Certificate): boolean {
  const algorithm = HASHES[id.hashAlgorithm.algorithm]
  if (algorithm === undefined) return false
  const digest = (bytes: Buffer) => createHash(algorithm).update(bytes).digest()
  const own = readCertificateParts(leaf.raw)
  return (
    numberOf(own.serialNumber) === numberOf(Buffer.from(id.serialNumber)) &&
    digest(own.issuer).equals(Buffer.from(id.issuerNameHash.buffer)) &&
    digest(readCertificateParts(issuer.raw).publicKey).equals(Buffer.from(id.issuerKeyHash.buffer))
  )
}

/** Zeros in front, which DER needs before a set bit, are no part of a number. */
const numberOf = (digits: Buffer): string => digits.toString('hex').replace(/^(00)+/, '')

/** Hash of the signature algorithms that responders use; null where the key says it itself. */
const SIGNATURES: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
  '1.3.101.113': null,
}

/**
 * Why the signature proves nothing; undefined when the authority signed, or somebody whom it made a
 * responder (RFC 6960 §4.2.2.2). Signed bytes are taken as they came, never encoded again.
 */
function signatureProblem(
  der: Buffer,
  algorithm: string,
  issuer: X509Certificate,
  now: number,
): string | undefined {
  const hash = SIGNATURES[algorithm]
  if (hash === undefined) return `is signed by the algorithm ${algorithm}, which is not known`
  const [data, , signature, certificates] = readSequence(der)
  if (!data || !signature) return 'is not signed'
  const isBy = (key: KeyObject) => isValid(hash, data.raw, key, signature.content.subarray(1))
  if (isBy(issuer.publicKey)) return undefined
  const responders =
    certificates?.tag === CERTIFICATES_TAG
      ? readSequence(certificates.content).slice(0, RESPONDERS_MAX)
      : []
  const signer = responders
    .map(({ raw }) => new X509Certificate(raw))
    .find(({ publicKey }) => isBy(publicKey))
  if (!signer) return 'is not signed by the authority'
  if (!isSignedBy(signer, issuer)) return 'is signed by somebody whom the authority does not know'
  if (!signer.keyUsage?.includes(id_kp_OCSPSigning))
    return 'is signed by a certificate that may not sign such'
  return isValidAt(signer, now) ? undefined : 'is signed by a certificate that is not valid now'
}

function isValid(hash: string | null, data: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, data, key, signature)
  } catch {
    return false // Made for a key of another kind.
  }
}
