import type { X509Certificate } from 'node:crypto'
import { isSelfSigned } from './certificate-chain.ts'

const RSA_BITS_MIN = 2_048
const CURVE_BITS_MIN = 224
const CURVE_BITS: Readonly<Record<string, number>> = { ED25519: 256, ED448: 456 }

export type CertificateKey = {
  /** `RSA`, `EC`, `ED25519` … */
  type: string
  bits: number | undefined
}

/** What kind of key a certificate is about; undefined for one that OpenSSL does not know. */
export function keyOf(certificate: X509Certificate): CertificateKey | undefined {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
    const type = (asymmetricKeyType ?? 'unknown').toUpperCase()
    const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {}
    return { type, bits: modulusLength ?? CURVE_BITS[type] ?? bitsOfCurve(namedCurve) }
  } catch {
    return undefined
  }
}

/** Names of curves tell their size: prime256v1, secp384r1, brainpoolP512r1. */
function bitsOfCurve(name: string | undefined): number | undefined {
  const digits = /\d{3}/.exec(name ?? '')?.[0]
  return digits === undefined ? undefined : Number(digits)
}

/** Keys and signatures that clients of today refuse. A root's own signature proves nothing, so it counts not. */
export function isWeak(certificate: X509Certificate): boolean {
  const key = keyOf(certificate)
  if (key?.bits === undefined) return false
  const bitsMin = /^(RSA|DSA)/.test(key.type) ? RSA_BITS_MIN : CURVE_BITS_MIN
  if (key.bits < bitsMin) return true
  return (
    /md[245]|sha1($|[^\d])/i.test(certificate.signatureAlgorithm ?? '') &&
    !isSelfSigned(certificate)
  )
}
