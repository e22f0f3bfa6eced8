import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'

/**
 * Where a secret can be read in a file: `file`, or `file > entry` for what is packed in it. It is looked for as
 * it is, as JSON, HTML and addresses write it, and in every piece of base64 that is long enough to hold it.
 */
export function findSecret(secret: string, name: string, content: Uint8Array): string[] {
  const bytes = Buffer.from(content)
  if (bytes.subarray(0, 2).toString('latin1') === 'PK')
    return Object.entries(unzipSync(bytes)).flatMap(([entry, inner]) =>
      findSecret(secret, `${name} > ${entry}`, inner),
    )
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    return findSecret(secret, `${name} > gunzipped`, gunzipSync(bytes))
  const text = bytes.toString('utf8')
  const isThere = formsOf(secret).some((form) => text.includes(form))
  return isThere || isInBase64(secret, text) ? [name] : []
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const address = encodeURIComponent(secret)
  return [
    ...[secret, json, html, html.replaceAll('"', '&quot;'), address, address.toLowerCase()],
    // In JSON inside of JSON, and HTML inside of it.
    ...[json, html].map((form) => JSON.stringify(form).slice(1, -1)),
  ]
}

function isInBase64(secret: string, text: string): boolean {
  const pieces = text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? []
  return pieces.some((piece) =>
    [0, 1, 2, 3].some((from) =>
      Buffer.from(piece.slice(from), 'base64').toString('utf8').includes(secret),
    ),
  )
}
