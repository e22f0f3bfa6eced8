import { createHash, KeyObject, sign, X509Certificate } from 'node:crypto'
import {
  CertID,
  CertStatus,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseBytes,
  ResponseData,
  RevokedInfo,
  SingleResponse,
} from '@peculiar/asn1-ocsp'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { readCertificateParts } from '../../src/probe/network/certificate-parts.ts'
import { writeDer } from '../../src/probe/network/der.ts'
import type { Issued } from './tls-target.ts'

const HOUR = 3_600_000
const SHA1 = '1.3.14.3.2.26'
const BASIC = '1.3.6.1.5.5.7.48.1.1'
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex')
const BIT_STRING = 0x03
const SEQUENCE = 0x30
const CERTIFICATES = 0xa0

type ResponseOptions = {
  leaf: Issued
  issuer: Issued
  status?: 'good' | 'revoked' | 'unknown'
  /** Milliseconds from now. */
  fromMs?: number
  untilMs?: number | undefined
  /** Who signs it; the issuer when absent. */
  signer?: Issued
  /** Sent along with it. */
  certificates?: Issued[]
}

const rawOf = ({ certificate }: Issued): Buffer => Buffer.from(certificate.rawData)

/** A signed OCSP response about a certificate, as a responder would give it. */
export function ocspResponse(options: ResponseOptions): Buffer {
  const { issuer, signer = issuer, certificates = [] } = options
  const data = Buffer.from(AsnConvert.serialize(responseData(options)))
  const signature = sign('sha256', data, KeyObject.from(signer.keys.privateKey))
  const basic = writeDer(
    SEQUENCE,
    data,
    ECDSA_WITH_SHA256,
    writeDer(BIT_STRING, Buffer.from([0]), signature),
    ...(certificates.length > 0
      ? [writeDer(CERTIFICATES, writeDer(SEQUENCE, ...certificates.map(rawOf)))]
      : []),
  )
  const response = new OCSPResponse({
    responseStatus: OCSPResponseStatus.successful,
    responseBytes: new ResponseBytes({ responseType: BASIC, response: new OctetString(basic) }),
  })
  return Buffer.from(AsnConvert.serialize(response))
}

/** A response of a responder that has nothing to say now. */
export const tryLater = (): Buffer =>
  Buffer.from(
    AsnConvert.serialize(new OCSPResponse({ responseStatus: OCSPResponseStatus.tryLater })),
  )

function responseData({ leaf, issuer, status = 'good', ...times }: ResponseOptions): ResponseData {
  const { fromMs = -HOUR, untilMs = 24 * HOUR } = times
  const digest = (bytes: Buffer) => new OctetString(createHash('sha1').update(bytes).digest())
  const own = readCertificateParts(rawOf(leaf))
  const key = digest(readCertificateParts(rawOf(issuer)).publicKey)
  const certID = new CertID({ issuerNameHash: digest(own.issuer), issuerKeyHash: key })
  certID.hashAlgorithm.algorithm = SHA1
  certID.serialNumber = new Uint8Array(own.serialNumber).buffer
  const single = new SingleResponse({
    certID,
    certStatus: statusOf(status),
    thisUpdate: fromNow(fromMs),
    ...(times.untilMs === undefined && 'untilMs' in times ? {} : { nextUpdate: fromNow(untilMs) }),
  })
  return new ResponseData({
    responderID: new ResponderID({ byKey: key }),
    producedAt: fromNow(fromMs),
    responses: [single],
  })
}

function statusOf(status: 'good' | 'revoked' | 'unknown'): CertStatus {
  if (status === 'good') return new CertStatus({ good: null })
  if (status === 'unknown') return new CertStatus({ unknown: null })
  return new CertStatus({ revoked: new RevokedInfo({ revocationTime: fromNow(-2 * HOUR) }) })
}

// DER has whole seconds.
const fromNow = (ms: number) => new Date(Math.floor((Date.now() + ms) / 1_000) * 1_000)

/** The certificate as Node reads it. */
export const certificateOf = (issued: Issued) => new X509Certificate(rawOf(issued))
