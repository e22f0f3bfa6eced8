import type { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { onTestFinished } from 'vitest'

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
}
const KEY_KINDS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384' },
  'RSA-1024': { ...RSA, modulusLength: 1_024 },
  'RSA-2048': { ...RSA, modulusLength: 2_048 },
  Ed25519: { name: 'Ed25519' },
} as const
export type KeyKind = keyof typeof KEY_KINDS
const MS_PER_HOUR = 3_600_000
export const MS_PER_DAY = 24 * MS_PER_HOUR

export type Issued = { certificate: X509Certificate; keys: webcrypto.CryptoKeyPair }
/** What a TLS server takes. */
export type KeyPair = { cert: string; key: string }

type CertificateOptions = {
  name?: string
  /** Milliseconds from now; negative is in the past. */
  fromMs?: number
  untilMs?: number
  /** Who signs; itself when absent. */
  issuer?: Issued
  isAuthority?: boolean
  hosts?: string[]
  isForClients?: boolean
  isForResponses?: boolean
  /** Hexadecimal digits; any when absent. */
  serialNumber?: string
  keyKind?: KeyKind
  /** The same keys under another authority: cross-signed. */
  keys?: webcrypto.CryptoKeyPair
  /** Of the signature. */
  hash?: 'SHA-1' | 'SHA-256'
}

export async function issue({
  name = 'CN=shop.test',
  fromMs = -400 * MS_PER_DAY,
  untilMs = 100 * MS_PER_DAY + MS_PER_HOUR,
  issuer,
  isAuthority = false,
  hosts = ['shop.test'],
  isForClients = false,
  isForResponses = false,
  serialNumber,
  keyKind = 'P-256',
  keys: given,
  hash = 'SHA-256',
}: CertificateOptions = {}): Promise<Issued> {
  const keys = given ?? (await makeKeys(keyKind))
  const signingKey = await withHash((issuer?.keys ?? keys).privateKey, hash)
  const purpose = isForResponses
    ? OCSP_SIGNING
    : isForClients
      ? ExtendedKeyUsage.clientAuth
      : ExtendedKeyUsage.serverAuth
  const usages = isAuthority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    ...(serialNumber !== undefined && { serialNumber }),
    issuer: issuer?.certificate.subject ?? name,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: { ...signingKey.algorithm, hash },
    notBefore: new Date(Date.now() + fromMs),
    notAfter: new Date(Date.now() + untilMs),
    extensions: [
      new BasicConstraintsExtension(isAuthority, undefined, true),
      new KeyUsagesExtension(usages, true),
      ...(isAuthority
        ? []
        : [
            new ExtendedKeyUsageExtension([purpose]),
            new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value }))),
          ]),
    ],
  })
  return { certificate, keys }
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

const makeKeys = (kind: KeyKind): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(KEY_KINDS[kind] as webcrypto.EcKeyGenParams, true, ['sign', 'verify'])

/** A key of RSA is bound to one hash. */
async function withHash(key: CryptoKey, hash: string): Promise<CryptoKey> {
  if (key.algorithm.name !== RSA.name || hash === RSA.hash) return key
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', key)
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: RSA.name, hash }, true, ['sign'])
}

export const anAuthority = (name = 'CN=Test authority', options: CertificateOptions = {}) =>
  issue({ ...options, name, isAuthority: true })

export const pemOf = ({ certificate }: Issued): string => certificate.toString('pem')

/** The leaf first, and what the server sends along with it. */
export async function keyPair(leaf: Issued, ...chain: Issued[]): Promise<KeyPair> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', leaf.keys.privateKey))
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`
  return { cert: [leaf, ...chain].map(pemOf).join('\n'), key }
}

export type TlsTarget = {
  port: number
  /** What clients said after the handshake. */
  heard: string[]
  /** The name that each client asked for. */
  serverNames: (string | false | null)[]
  /** The protocol that each client agreed on by ALPN. */
  protocols: (string | false | null)[]
  /** Handshakes that were short, because the client came with an old session. */
  resumed: number
  /** Handshakes that failed, as the server saw it. */
  failures: string[]
}

/**
 * A TLS server that answers HTTP requests with `ok`; gone when the test is over.
 *
 * @param staple the OCSP response that it sends along.
 */
export async function tlsTarget(options: TlsOptions, staple?: Buffer): Promise<TlsTarget> {
  const target: TlsTarget = {
    port: 0,
    heard: [],
    serverNames: [],
    protocols: [],
    resumed: 0,
    failures: [],
  }
  const server = createServer(options, (socket) => {
    target.serverNames.push(socket.servername)
    target.protocols.push(socket.alpnProtocol)
    if (socket.isSessionReused()) target.resumed++
    socket.on('error', () => socket.destroy())
    socket.on('data', (data: Buffer) => {
      target.heard.push(data.toString())
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok')
    })
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  if (staple) server.on('OCSPRequest', (_certificate, _issuer, answer) => void answer(null, staple))
  server.on('tlsClientError', ({ message }) => void target.failures.push(message))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  target.port = (server.address() as AddressInfo).port
  return target
}
