/** Shorter values would blank half of every text, and are no secrets worth the name. */
const SECRET_LENGTH_MIN = 4

/** Replaces the secrets of one run by `[secret NAME]`, also where they stand URL-encoded. */
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

function formsOf(value: string): string[] {
  // A target may give half a surrogate pair, which cannot be encoded.
  const encoded = encodeURIComponent(value.toWellFormed())
  const form = new URLSearchParams({ v: value }).toString().slice(2)
  const json = JSON.stringify(value).slice(1, -1)
  return [...new Set([value, encoded, form, json])]
}
