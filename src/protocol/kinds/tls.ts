import { z } from 'zod'
import { Addresses, checkBase, tlsOptions } from '../check-base.ts'
import { TLS_PROTOCOLS } from '../expectation.ts'
import { addresses, host, port, webAddress, written, writtenTlsOptions } from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText, writtenValues } from '../written-matcher.ts'

/** Protocols that begin in the clear and turn to TLS on request. */
export const StartTls = z.enum(['smtp', 'imap', 'pop3', 'ftp', 'postgres', 'ldap'])
export type StartTls = z.infer<typeof StartTls>

const TlsProtocol = z.enum(TLS_PROTOCOLS)

const writtenProtocol = z.union(
  [TlsProtocol, z.array(TlsProtocol).min(1), z.strictObject({ min: TlsProtocol })],
  { error: 'a protocol such as TLSv1.3, a list of them, or { min: TLSv1.2 }' },
)

/** What every kind over TLS can expect of the certificate and the handshake. */
export const certificateExpectations = {
  daysLeft: writtenNumber.optional().describe('Of the certificate itself.'),
  trusted: z.boolean().optional(),
  hostNameMatches: z.boolean().optional(),
  protocol: writtenProtocol.optional(),
}

/** What a `tls` check can expect. Without a word about it, trust and host name must hold. */
export const TlsExpectations = z.strictObject({
  ...certificateExpectations,
  chainDaysLeft: writtenNumber.optional().describe('Of whichever certificate sent ends first.'),
  verifiedDaysLeft: writtenNumber
    .optional()
    .describe('Of whichever certificate ends first in the chain that clients build.'),
  issuer: writtenText.optional(),
  subject: writtenText.optional(),
  alternativeNames: writtenValues.optional(),
  serialNumber: writtenText.optional(),
  fingerprint: writtenText.optional().describe('SHA-256, as pairs of digits with colons.'),
  keyType: writtenText.optional().describe('RSA, EC, ED25519 …'),
  keyBits: writtenNumber.optional(),
  signature: writtenText.optional().describe('Algorithm of its signature: ecdsa-with-SHA256 …'),
  cipher: writtenText.optional().describe('As IANA names it: TLS_AES_128_GCM_SHA256 …'),
  cipherBits: writtenNumber.optional(),
  keyExchange: writtenText.optional().describe('X25519MLKEM768, X25519, P-256 …'),
  alpn: writtenText.optional().describe('Protocol that the server chose.'),
  ocsp: writtenText
    .optional()
    .describe('Stapled answer: good, revoked, unknown, expired, invalid or none.'),
  chainLength: writtenNumber.optional().describe('How many certificates the server sent.'),
  domainDaysLeft: writtenNumber
    .optional()
    .describe('Until the registration of the domain ends, by RDAP.'),
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

export const WrittenTlsCheck = z.strictObject({
  ...written,
  kind: z.literal('tls'),
  host,
  port: port.optional().describe('443 when absent, or the usual one of startTls.'),
  startTls: StartTls.optional().describe('The protocol that turns to TLS.'),
  alpn: z
    .array(z.string().min(1).max(255))
    .max(10)
    .optional()
    .describe('Protocols to offer; http/1.1 when absent, none with startTls.'),
  rdapServer: webAddress
    .optional()
    .describe("Registry's RDAP service; found by IANA's list when absent."),
  addresses,
  ...writtenTlsOptions,
  expect: TlsExpectations.optional(),
  should: TlsExpectations.optional(),
})

export const TlsCheck = z.object({
  ...checkBase,
  kind: z.literal('tls'),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  startTls: StartTls.optional(),
  alpn: z.array(z.string()).optional(),
  rdapServer: z.url().optional(),
  addresses: Addresses.optional(),
  ...tlsOptions,
})
export type TlsCheck = z.infer<typeof TlsCheck>
