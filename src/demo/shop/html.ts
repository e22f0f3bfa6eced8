/** Markup that is safe to send. Only the tag {@link html} makes it, so text cannot pass for it. */
export class Html {
  readonly #markup: string

  constructor(strings: TemplateStringsArray, values: readonly HtmlValue[]) {
    this.#markup = String.raw({ raw: strings }, ...values.map(toMarkup))
  }

  toString(): string {
    return this.#markup
  }
}

export type HtmlValue = string | number | Html | readonly HtmlValue[] | undefined | false

/** Builds markup; every value is escaped unless it is markup itself. Lists are joined. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(strings, values)
}

function toMarkup(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(toMarkup).join('')
  return escapeText(String(value))
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeText = (text: string) => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
