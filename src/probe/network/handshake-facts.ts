import type { EphemeralKeyInfo, TLSSocket } from 'node:tls'

/** What client and server agreed on. */
export type HandshakeFacts = {
  /** As IANA names it. */
  cipher: string | undefined
  cipherBits: number | undefined
  /** The group in which keys were exchanged; `RSA` when none was. */
  keyExchange: string | undefined
  /** What the server chose; undefined when it chose nothing. */
  alpn: string | undefined
}

/** To be read while the socket is open. */
export function readHandshake(socket: TLSSocket): HandshakeFacts {
  const { standardName, name } = socket.getCipher() ?? {}
  const cipher = standardName ?? name
  return {
    cipher,
    cipherBits: cipher === undefined ? undefined : bitsOfCipher(cipher),
    keyExchange: groupOf(socket.getEphemeralKeyInfo()),
    alpn: socket.alpnProtocol === false ? undefined : (socket.alpnProtocol ?? undefined),
  }
}

/** NIST's names for curves that OpenSSL calls otherwise. */
const GROUPS: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  x25519: 'X25519',
  x448: 'X448',
}

/** @param info what Node says; null or empty when the key was sent under the certificate's. */
export function groupOf(info: EphemeralKeyInfo | object | null): string | undefined {
  if (!info) return undefined
  const { type, name, size } = info as { type?: string; name?: string; size?: number }
  if (type === undefined) return 'RSA'
  if (name === undefined || name === '') return size === undefined ? type : `DHE-${size}`
  return GROUPS[name.toLowerCase()] ?? name
}

const BITS_BY_NAME: readonly (readonly [RegExp, number])[] = [
  [/CHACHA20/, 256],
  [/3DES/, 168],
  [/SEED|IDEA/, 128],
  [/NULL_(SHA|MD5)/, 0],
]

/** Length of the key, which the cipher's name tells: `TLS_AES_128_GCM_SHA256`. */
export function bitsOfCipher(name: string): number | undefined {
  const known = BITS_BY_NAME.find(([pattern]) => pattern.test(name))
  if (known) return known[1]
  const digits = /(?:AES|CAMELLIA|ARIA|RC4)_(\d+)/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
