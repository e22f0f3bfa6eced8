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

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const MS_PER_HOUR = 3_600_000
export const MS_PER_DAY = 24 * MS_PER_HOUR

export type Issued = { certificate: X509Certificate; keys: { privateKey: CryptoKey } }
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
}

export async function issue({
  name = 'CN=shop.test',
  fromMs = -400 * MS_PER_DAY,
  untilMs = 100 * MS_PER_DAY + MS_PER_HOUR,
  issuer,
  isAuthority = false,
  hosts = ['shop.test'],
  isForClients = false,
}: CertificateOptions = {}): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const purpose = isForClients ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth
  const usages = isAuthority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: issuer?.certificate.subject ?? name,
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: ALGORITHM,
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
  /** Handshakes that failed, as the server saw it. */
  failures: string[]
}

/** A TLS server that answers HTTP requests with `ok`; gone when the test is over. */
export async function tlsTarget(options: TlsOptions): Promise<TlsTarget> {
  const target: TlsTarget = { port: 0, heard: [], serverNames: [], failures: [] }
  const server = createServer(options, (socket) => {
    target.serverNames.push(socket.servername)
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
