import { createHmac } from 'node:crypto'
import { isSameSecret } from '../same-secret.ts'
import type { Delivered } from './signal-reader.ts'

/**
 * True when the delivery shows the secret: as a bearer token, as the password of basic authentication
 * (what the address `https://any:secret@…` sends), or in the header `x-firewatch-token`.
 */
export function showsSecret({ headers }: Delivered, secret: string): boolean {
  const { authorization = '' } = headers
  const bearer = /^Bearer (\S+)$/i.exec(authorization)?.[1]
  const basic = /^Basic (\S+)$/i.exec(authorization)?.[1]
  const header = headers['x-firewatch-token']
  const given =
    bearer ?? (basic === undefined ? undefined : passwordIn(basic)) ?? header?.toString() ?? ''
  return isSameSecret(given, secret)
}

function passwordIn(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

/** HMAC-SHA256 of the body, in hexadecimal digits. */
export const bodySignature = (secret: string, raw: Buffer): string =>
  createHmac('sha256', secret).update(raw).digest('hex')
