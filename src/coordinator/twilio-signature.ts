import { createHmac } from 'node:crypto'
import { isSameSecret } from './same-secret.ts'

/**
 * Whether a request is from the telephone service: its signature is over the address as it was asked for and
 * the fields of its form, in the order of their names.
 *
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export const isFromTwilio = (
  request: { url: string; fields: URLSearchParams; signature: string | undefined },
  token: string,
): boolean => isSameSecret(request.signature ?? '', signTwilio(token, request.url, request.fields))

/** The `x-twilio-signature` header: base64 of HMAC-SHA1. */
export function signTwilio(token: string, url: string, fields: URLSearchParams): string {
  const mac = createHmac('sha1', token).update(url)
  for (const name of [...new Set(fields.keys())].toSorted())
    for (const value of [...new Set(fields.getAll(name))].toSorted()) mac.update(name + value)
  return mac.digest('base64')
}
