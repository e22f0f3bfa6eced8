import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const EVERY_MS = 30_000
const DIGITS = 6

/**
 * The one-time password of a moment, by RFC 6238 with what authenticator apps take for granted: SHA-1,
 * six digits, thirty seconds.
 *
 * @param secret base32; case, spaces and padding count for nothing.
 * @param now epoch milliseconds.
 * @throws {TypeError} when the secret is no base32. Its text is in no message.
 */
export function oneTimePassword(secret: string, now: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / EVERY_MS)))
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  // RFC 4226 §5.3: the last four bits say where the number is.
  const offset = (digest.at(-1) ?? 0) & 0xf
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

function fromBase32(text: string): Buffer {
  const letters = text.toUpperCase().replace(/[\s-]|=+$/g, '')
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter))
  if (values.length === 0 || values.includes(-1))
    throw new TypeError('totp: the secret is no base32 text (letters A to Z and digits 2 to 7)')
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
