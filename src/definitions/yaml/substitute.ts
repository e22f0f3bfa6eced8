export type Environment = Record<string, string | undefined>

/** What a text became, or what is wrong with it and where in it. */
export type Substitution =
  | {
      kind: 'text'
      text: string
      /** How much of the text variables made: `whole` is exactly one variable and nothing else. */
      from: 'nothing' | 'part' | 'whole'
    }
  | { kind: 'unset'; name: string; at: number }
  | { kind: 'malformed'; at: number }

const VARIABLE = /\$\$\{|\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}|\$\{/g

/**
 * Puts variables into a text: `${NAME}`, or `${NAME:-default}` for one that is unset or empty, as in
 * a shell. `$${` stands for a plain `${`.
 *
 * Works on a value that was parsed already and once only, so what a variable holds is text and
 * nothing else: it can neither add YAML nor name further variables.
 */
export function substitute(text: string, environment: Environment): Substitution {
  let from: 'nothing' | 'part' | 'whole' = 'nothing'
  let result = ''
  let end = 0
  for (const match of text.matchAll(VARIABLE)) {
    const [written, name, fallback] = match
    result += text.slice(end, match.index)
    end = match.index + written.length
    if (written === '$${') {
      result += '${'
      continue
    }
    if (name === undefined || fallback?.includes('${'))
      return { kind: 'malformed', at: match.index }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    const replacement = fallback === undefined ? value : value || fallback
    if (replacement === undefined) return { kind: 'unset', name, at: match.index }
    result += replacement
    from = written.length === text.length ? 'whole' : 'part'
  }
  return { kind: 'text', text: result + text.slice(end), from }
}

// Narrower than YAML's core schema: no hexadecimal and no exponents, because a commit such as 1e5
// is no number, and no leading zeros.
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/

/** The number or boolean that a text would be as a plain scalar; undefined when it is only text. */
export function asPlainScalar(text: string): number | boolean | undefined {
  if (text === 'true') return true
  if (text === 'false') return false
  return NUMBER.test(text) ? Number(text) : undefined
}
