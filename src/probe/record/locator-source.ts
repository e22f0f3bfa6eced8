import type { RecordedLocator } from './recorded-event.ts'

/** A text as it stands in the source of a journey, in single quotes. */
export const quote = (text: string): string =>
  `'${text.replace(/['\\\p{Cc}\u2028\u2029]/gu, (char) => ESCAPES[char] ?? escapeOf(char))}'`

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const escapeOf = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * The call that finds an element, such as `getByRole('button', { name: 'Go' })`. Kinds that are not known
 * here are found by Playwright's own notation, which it takes as well.
 *
 * @param selector the same in that notation.
 */
export function locatorSource(locator: RecordedLocator | undefined, selector: string): string {
  const calls: string[] = []
  for (let part = locator; part !== undefined; part = part.next) {
    const call = callOf(part)
    if (call === undefined) return `locator(${quote(selector)})`
    calls.push(call)
  }
  return calls.length > 0 ? calls.join('.') : `locator(${quote(selector)})`
}

const BY_TEXT: Readonly<Record<string, string>> = {
  text: 'getByText',
  label: 'getByLabel',
  placeholder: 'getByPlaceholder',
  alt: 'getByAltText',
  title: 'getByTitle',
}

const WITHOUT_WORDS: Readonly<Record<string, string>> = {
  first: 'first()',
  last: 'last()',
  visible: 'visible()',
  frame: 'contentFrame()',
}

function callOf({ kind, body, options = {} }: RecordedLocator): string | undefined {
  const simple = WITHOUT_WORDS[kind]
  if (simple !== undefined) return simple
  if (typeof body !== 'string') return undefined
  const byText = BY_TEXT[kind]
  if (byText !== undefined)
    return `${byText}(${quote(body)}${options.exact ? ', { exact: true }' : ''})`
  switch (kind) {
    case 'role':
      return roleCall(body, options)
    case 'test-id':
      return `getByTestId(${quote(body)})`
    case 'nth':
      return /^-?\d+$/.test(body) ? `nth(${body})` : undefined
    case 'filter-visible':
      return `filter({ visible: ${body === 'true'} })`
    case 'has-text':
      return `filter({ hasText: ${quote(body)} })`
    case 'has-not-text':
      return `filter({ hasNotText: ${quote(body)} })`
    case 'frame-locator':
      return `frameLocator(${quote(body)})`
    case 'default':
      return defaultCall(body, options)
    default:
      return undefined
  }
}

type Options = NonNullable<RecordedLocator['options']>

function roleCall(role: string, { name, description, exact, attrs = [] }: Options) {
  const written: [string, unknown][] = [
    ['name', name],
    ['description', description],
    ['exact', exact === true ? true : undefined],
    ...attrs.map(({ name, value }): [string, unknown] => [name, value]),
  ]
  const properties = written.filter(([, value]) => value !== undefined)
  if (properties.some(([, value]) => typeof value === 'object')) return undefined
  const texts = properties.map(([key, value]) => `${key}: ${valueSource(value)}`)
  return `getByRole(${quote(role)}${texts.length > 0 ? `, { ${texts.join(', ')} }` : ''})`
}

function defaultCall(css: string, { hasText, hasNotText }: Options): string | undefined {
  const filter = hasText ?? hasNotText
  if (filter === undefined) return `locator(${quote(css)})`
  if (typeof filter !== 'string') return undefined
  const key = hasText === undefined ? 'hasNotText' : 'hasText'
  return `locator(${quote(css)}, { ${key}: ${quote(filter)} })`
}

const valueSource = (value: unknown) => (typeof value === 'string' ? quote(value) : String(value))

/** What the element is called by people; its role where it has no name. */
export function locatorWords(locator: RecordedLocator | undefined): string {
  const parts: RecordedLocator[] = []
  for (let part = locator; part !== undefined; part = part.next) parts.unshift(part)
  for (const { kind, body, options } of parts) {
    if (kind === 'role' && typeof options?.name === 'string') return options.name
    if (kind in BY_TEXT && typeof body === 'string') return body
  }
  const named = parts.find(({ kind, body }) => kind === 'role' && typeof body === 'string')
  return named ? `the ${String(named.body)}` : ''
}
