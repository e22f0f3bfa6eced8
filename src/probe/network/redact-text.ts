import { isCredentialName } from './credential-names.ts'

/** Stands where a credential was, or may have been. */
export const REDACTED = '[redacted]'

/**
 * Redacts the values of fields of JSON that are named like credentials, with everything below them.
 * The text stays as it was otherwise, and need not be whole: what is broken is what one wants to see.
 */
export function redactJson(text: string): string {
  const open: { isSecret: boolean; isObject: boolean }[] = []
  let isNameNext = false
  let isSecretNext = false
  const isSecret = () => isSecretNext || (open.at(-1)?.isSecret ?? false)

  return text.replace(JSON_TOKEN, (token) => {
    switch (token) {
      case '{':
      case '[':
        open.push({ isSecret: isSecret(), isObject: token === '{' })
        isNameNext = token === '{'
        isSecretNext = false
        return token
      case '}':
      case ']':
        open.pop()
        isSecretNext = false
        return token
      case ',':
        isNameNext = open.at(-1)?.isObject ?? false
        isSecretNext = false
        return token
      case ':':
        return token
      default:
    }
    if (isNameNext) {
      isNameNext = false
      isSecretNext = isCredentialName(token)
      return token
    }
    if (isSecret()) return `"${REDACTED}"`
    return token.startsWith('"') ? redactAssignments(token) : token
  })
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gs

/**
 * A name that is set to something: `token=`, `"password": `, and the same in a string of JSON, where the
 * quotes are escaped. Each word is looked at from its start alone, so that a long text takes its length
 * in time and not the square of it.
 */
const ASSIGNMENT = /(?<![\w.-])([\w.-]{2,})\\?["']?\s{0,100}[:=]\s{0,100}/g

/** The value that stands there, with the quote that opens it; `Bearer abc` is one. */
const VALUE =
  /(\\")(?:[^"\\]|\\{3}"|\\{2})+|(["'])(?:(?!\2)[^\\]|\\.)+|(?:(?:basic|bearer|digest|token) {1,8})?[^\s"'&,;<>\\{}()]+/isy

/** Redacts what looks like a credential that is set to a value, in any text. */
export function redactAssignments(text: string): string {
  let redacted = ''
  let keptTo = 0
  ASSIGNMENT.lastIndex = 0
  for (;;) {
    const found = ASSIGNMENT.exec(text)
    if (!found) return redacted + text.slice(keptTo)
    const [, name = ''] = found
    if (!isCredentialName(name)) continue
    VALUE.lastIndex = ASSIGNMENT.lastIndex
    const value = VALUE.exec(text)
    if (!value) continue
    redacted += `${text.slice(keptTo, value.index)}${value[1] ?? value[2] ?? ''}${REDACTED}`
    keptTo = VALUE.lastIndex
    ASSIGNMENT.lastIndex = keptTo
  }
}

/** A tag of HTML, also one that was cut off. Nothing comes after what repeats, so it is never tried twice. */
const TAG = /<[a-z](?:"[^"]*"?|'[^']*'?|[^<>"'])*>?/gi
const ATTRIBUTE =
  /(?<![^\s"'<>/=])([^\s"'<>/=]+)(\s{0,100}=\s{0,100})(?:(["'])((?:(?!\3).)*)|([^\s"'>]+))/gs
/** They say what a field or a `meta` is for. */
const NAMING = new Set(['name', 'id', 'type', 'autocomplete'])
const HOLDING = new Set(['value', 'content'])

/** Redacts what fields and `meta` of HTML hold that are named like credentials. */
function redactTags(text: string): string {
  return text.replace(TAG, (tag) => {
    const isNamed = [...tag.matchAll(ATTRIBUTE)].some(
      ([, name = '', , , quoted, bare]) =>
        NAMING.has(name.toLowerCase()) && isCredentialName(quoted ?? bare ?? ''),
    )
    if (!isNamed) return tag
    return tag.replace(ATTRIBUTE, (all, name: string, sign: string, quote = '') =>
      HOLDING.has(name.toLowerCase()) ? `${name}${sign}${quote}${REDACTED}` : all,
    )
  })
}

/** Redacts what looks like a credential in a text of any form, such as a page. */
export const redactText = (text: string): string => redactAssignments(redactTags(text))

/** Values of a form or a query that are named like credentials; all of them when `isAll`. */
export function redactPairs(text: string, { isAll = false } = {}): string {
  return text
    .split('&')
    .map((pair) => {
      const nameEnd = pair.indexOf('=')
      const name = pair.slice(0, Math.max(0, nameEnd))
      const isRedacted = nameEnd >= 0 && (isAll || isCredentialName(readable(name)))
      return isRedacted ? `${name}=${REDACTED}` : pair
    })
    .join('&')
}

function readable(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded // A name that is encoded wrongly is its own name.
  }
}

/** Without user and password, and with the names of the query only. */
export function redactUrl({ protocol, host, pathname, search, username, password }: URL): string {
  const login = username === '' && password === '' ? '' : `${REDACTED}@`
  return `${protocol}//${login}${host}${pathname}${redactPairs(search, { isAll: true })}`
}
