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

/** `token=abc`, `password: "a b"`, and the same in a string of JSON, where the quotes are escaped. */
const ASSIGNMENT =
  /([\w.-]{2,64})(\\?["']?\s*[:=]\s*)(?:\\"((?:[^"\\]|\\{3}"|\\{2})+)|(["'])((?:(?!\4)[^\\]|\\.)+)|(?<==\s*)([^\s"'&,;<>\\{}()]+))/gs

/** Redacts what looks like a credential that is set to a value, in any text. */
export function redactAssignments(text: string): string {
  return text.replace(ASSIGNMENT, (all, name: string, joint: string, escaped, quote) => {
    if (!isCredentialName(name)) return all
    const opening = escaped === undefined ? (quote ?? '') : '\\"'
    return `${name}${joint}${opening}${REDACTED}`
  })
}

/** Values of a form or a query that are named like credentials; all of them when `isAll`. */
export function redactPairs(text: string, { isAll = false } = {}): string {
  return text.replace(/([^&=]*)=([^&]*)/g, (all, name: string) =>
    isAll || isCredentialName(readable(name)) ? `${name}=${REDACTED}` : all,
  )
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
