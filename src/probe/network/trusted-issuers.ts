import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import { readCertificateParts } from './certificate-parts.ts'

/** Trusted authorities, found by their name as it stands in certificates. */
export type TrustedIssuers = { named(subject: Buffer): X509Certificate[] }

/** Different sets of authorities that checks of one probe bring along. */
const SETS_MAX = 32
const PEM = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g

type BySubject = Map<string, Buffer[]>

// Parsing all authorities takes some 70 ms of the event loop that measures. Only their names are
// read, once, and of the few that are asked for, the rest.
let system: BySubject | undefined
const sets = new Map<string, BySubject>()

/** The system's authorities and, besides, those of the check. */
export function trustedIssuers(trustedRoots = ''): TrustedIssuers {
  system ??= bySubject(getCACertificates('default').join('\n'))
  const own = sets.get(trustedRoots) ?? bySubject(trustedRoots)
  const oldest = sets.size >= SETS_MAX ? sets.keys().next().value : undefined
  if (oldest !== undefined && !sets.has(trustedRoots)) sets.delete(oldest)
  sets.set(trustedRoots, own)
  const all = [own, system]
  return {
    named: (subject) =>
      all.flatMap((set) => set.get(keyOf(subject)) ?? []).map((der) => new X509Certificate(der)),
  }
}

const keyOf = (subject: Buffer): string => subject.toString('latin1')

function bySubject(pem: string): BySubject {
  const found: BySubject = new Map()
  for (const [, base64 = ''] of pem.matchAll(PEM)) {
    const der = Buffer.from(base64, 'base64')
    const key = subjectKey(der)
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), der])
  }
  return found
}

function subjectKey(der: Buffer): string | undefined {
  try {
    return keyOf(readCertificateParts(der).subject)
  } catch {
    return undefined // OpenSSL does not take it for a certificate either.
  }
}
