/** Words of which one in a name says that the value may be a credential. */
const WORDS = new Set([
  'auth',
  'cookie',
  'credential',
  'credentials',
  'csrf',
  'cvc',
  'cvv',
  'jwt',
  'key',
  'keys',
  'otp',
  'pass',
  'pin',
  'pwd',
  'sid',
  'signature',
  'xsrf',
])

/** The same where words are run together: `sessionid`, `apikey`, `accesstoken`. */
const PARTS = /token|secret|passw|passphrase|session|cookie|oauth|authoriz|credential|apikey/
const KEYS = /(access|private|license|signing|encryption|master|public)key$/

/** They ask for credentials, and hold none. */
const CHALLENGES = new Set(['www-authenticate', 'proxy-authenticate'])

/**
 * Whether the value of a header, a form's or JSON field or a variable of this name is or may be a
 * credential. By whole words, so that an `author` or a `keyboard` can still be read.
 */
export function isCredentialName(name: string): boolean {
  const known = decided.get(name)
  if (known !== undefined) return known
  const decision = decide(name)
  // A target may make names up without end.
  if (decided.size >= NAMES_MAX) decided.clear()
  decided.set(name, decision)
  return decision
}

/** Each run asks for the same dozen names. */
const decided = new Map<string, boolean>()
const NAMES_MAX = 1_000

function decide(name: string): boolean {
  if (CHALLENGES.has(name.toLowerCase())) return false
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return words.some((word) => WORDS.has(word) || PARTS.test(word) || KEYS.test(word))
}
