import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { Clock } from '../base/clock.ts'

const MS_PER_DAY = 86_400_000
/** Certificates begin a little in the past, so that a client whose clock lags accepts them. */
const BACKDATED_MS = 60 * 60_000
const AUTHORITY_DAYS = 3_650
const LEAF_DAYS = 90
/** How long ago the expired certificate ended: a weekend that nobody looked. */
const EXPIRED_DAYS_AGO = 3

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const AUTHORITY_NAME = 'CN=Lamplight demo authority'

export type KeyPair = { cert: string; key: string }

export type Certificates = {
  /** PEM file of the authority: what clients must trust. */
  caFile: string
  ca: string
  valid: KeyPair
  expired: KeyPair
}

type Authority = { certificate: X509Certificate; keys: Keys }
type Keys = { publicKey: CryptoKey; privateKey: CryptoKey }
type Validity = { from: number; until: number }

/**
 * Makes an authority and two certificates of it for the shop, a good one and an expired one, and
 * writes the authority's PEM into the folder. Keys stay in memory and are new at each start.
 */
export async function createCertificates(folder: string, clock: Clock): Promise<Certificates> {
  const now = clock.now()
  const authority = await createAuthority(now)
  const [valid, expired] = await Promise.all([
    createLeaf(authority, { from: now - BACKDATED_MS, until: now + LEAF_DAYS * MS_PER_DAY }),
    createLeaf(authority, {
      from: now - (LEAF_DAYS + EXPIRED_DAYS_AGO) * MS_PER_DAY,
      until: now - EXPIRED_DAYS_AGO * MS_PER_DAY,
    }),
  ])
  const ca = authority.certificate.toString('pem')
  const caFile = join(folder, 'shop-ca.pem')
  await mkdir(folder, { recursive: true })
  await writeFile(caFile, `${ca}\n`)
  return { caFile, ca, valid, expired }
}

async function createAuthority(now: number): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: AUTHORITY_NAME,
    keys,
    signingAlgorithm: ALGORITHM,
    // It must be older than the expired certificate, which it signed.
    notBefore: new Date(now - (LEAF_DAYS + EXPIRED_DAYS_AGO + 1) * MS_PER_DAY),
    notAfter: new Date(now + AUTHORITY_DAYS * MS_PER_DAY),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate, keys }
}

async function createLeaf(authority: Authority, { from, until }: Validity): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=shop.test',
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(from),
    notAfter: new Date(until),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'shop.test' },
        { type: 'dns', value: 'www.shop.test' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  })
  return { cert: certificate.toString('pem'), key: await toPem(keys.privateKey) }
}

async function toPem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  const lines = der.match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}
