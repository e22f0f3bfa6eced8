/** Shorter values would blank half of every text, and are no secrets worth the name. */
const SECRET_LENGTH_MIN = 4

/**
 * Replaces the secrets of one run by `[secret NAME]`, also where they stand encoded: in an address, a form,
 * JSON, HTML or base64.
 */
export type Mask = (text: string) => string

export const createMask = (secrets: Readonly<Record<string, string>>): Mask =>
  maskPairs(Object.entries(secrets))

/** The same where a name may have several values. */
export function maskPairs(secrets: readonly (readonly [name: string, value: string])[]): Mask {
  const replacements = secrets
    .filter(([, value]) => value.length >= SECRET_LENGTH_MIN)
    .flatMap(([name, value]) => formsOf(value).map((form) => ({ form, shown: `[secret ${name}]` })))
    // A secret that contains another goes first, or its rest would stay readable.
    .sort((a, b) => b.form.length - a.form.length)

  return (text) =>
    replacements.reduce((masked, { form, shown }) => masked.replaceAll(form, shown), text)
}

/** As a secret may stand in what a browser keeps: raw, in an address, a form, JSON, HTML, base64. */
function formsOf(value: string): string[] {
  // A target may give half a surrogate pair, which cannot be encoded.
  const encoded = encodeURIComponent(value.toWellFormed())
  const form = new URLSearchParams({ v: value }).toString().slice(2)
  const json = inJson(value)
  return [
    ...new Set([
      value,
      encoded,
      encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
      form,
      json,
      // A request's JSON body, in a record that is JSON itself.
      inJson(json),
      json.replace(/[<>&'\u2028\u2029]/g, unicodeEscape),
      ...HTML_ESCAPES.map((toHtml) => toHtml(value)),
      // A document's HTML, in a record that is JSON.
      ...HTML_ESCAPES.map((toHtml) => inJson(toHtml(value))),
      // As a browser reads UTF-8 where nobody says that it is.
      Buffer.from(value).toString('latin1'),
      inJson(Buffer.from(value).toString('latin1')),
      ...inBase64(value),
    ]),
  ]
}

const inJson = (value: string) => JSON.stringify(value).slice(1, -1)

const unicodeEscape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** In text, in an attribute, and as careful programs write both. */
const HTML_ESCAPES = [
  (value: string) => escapeHtml(value, '&<>'),
  (value: string) => escapeHtml(value, '&"'),
  (value: string) => escapeHtml(value, '&<>"'),
  (value: string) => escapeHtml(value, '&<>"\''),
]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (value: string, which: string) =>
  [...value].map((char) => (which.includes(char) ? (ENTITIES[char] ?? char) : char)).join('')

/** Fewer letters than this stand in every other file by chance. */
const BASE64_LENGTH_MIN = 8

/**
 * What of the base64 of a longer text is decided by the secret alone, wherever in it the secret stands: a
 * password inside of `Authorization: Basic`, for one. Three letters tell where it began.
 */
function inBase64(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    const sure = encoded.slice(first, last)
    const inAddresses = sure.replaceAll('+', '-').replaceAll('/', '_')
    return sure.length < BASE64_LENGTH_MIN ? [] : [sure, inAddresses]
  })
}
