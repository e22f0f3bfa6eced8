/** One request that a journey must never make. */
export type NeverRule = {
  /** In capitals; `*` is any. */
  method: string
  /** Matches the whole URL, with or without its query. */
  url: RegExp
  /** The same for Chromium's `Fetch.enable`, which knows `*` only: matches at least as much. */
  chromiumPattern: string
}

const RULE = /^([A-Za-z]+|\*)\s+(\S+)$/

/**
 * Reads `POST https://shop.example.com/orders`. In the glob, as in Playwright's, one star is
 * anything but a slash, two stars are anything, `{a,b}` is one of both. A glob that starts with a
 * slash holds for every origin.
 *
 * Strict where a mistake would let an order through: the query string is no part of the rule unless
 * the rule has one.
 *
 * @throws {TypeError} when the text is no rule.
 */
export function parseNeverRule(text: string): NeverRule {
  const match = RULE.exec(text)
  if (!match) throw new TypeError(`never: "${text}" is not "METHOD glob", such as "POST **/orders"`)
  const [, method = '', glob = ''] = match
  const anywhere = glob.startsWith('/') ? `*://*${glob}` : glob
  const query = glob.includes('?') ? '' : '(?:[?#].*)?'
  return {
    method: method.toUpperCase(),
    url: new RegExp(`^${globSource(anywhere)}${query}$`),
    chromiumPattern: `${anywhere
      .replace(/\{[^}]*\}/g, '*')
      .replace(/[?\\]/g, '*')
      .replace(/\*+/g, '*')}*`,
  }
}

export function isForbidden(
  rules: readonly NeverRule[],
  request: { method: string; url: string },
): boolean {
  return rules.some(
    (rule) =>
      (rule.method === '*' || rule.method === request.method.toUpperCase()) &&
      rule.url.test(request.url),
  )
}

function globSource(glob: string): string {
  let source = ''
  let depth = 0
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i] ?? ''
    if (character === '*') {
      const isDouble = glob[i + 1] === '*'
      if (isDouble) i++
      source += isDouble ? '.*' : '[^/]*'
    } else if (character === '{') {
      depth++
      source += '(?:'
    } else if (character === '}' && depth > 0) {
      depth--
      source += ')'
    } else if (character === ',' && depth > 0) source += '|'
    else source += character.replace(/[.+^$()|[\]\\?{}]/, '\\$&')
  }
  return source + ')'.repeat(depth)
}
