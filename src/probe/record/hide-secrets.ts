import { type Mask, maskPairs } from '../../runtime/mask-secrets.ts'
import type {
  NamedSecret,
  RecordedEvent,
  SecretField,
  SecretInput,
  SeenElement,
} from './recorded-event.ts'

/** Shorter values stand in ordinary texts by chance. */
const SURE_LENGTH_MIN = 4

const WORDS: Record<SecretField, string> = {
  password: 'PASSWORD',
  'one-time-code': 'TOTP',
  card: 'CARD',
}

export type Hidden = {
  events: RecordedEvent[]
  /** Of the secrets that are filled in. */
  names: string[]
  /** The same for other texts. */
  mask: Mask
}

/**
 * Gives names to what was typed into fields of passwords, one for each value, and takes the values out of
 * everything that was recorded. A field that held a secret once is taken for one always, so that no half of
 * a password is left where somebody typed it twice.
 */
export function hideSecrets(
  events: readonly RecordedEvent[],
  inputs: readonly SecretInput[],
  service: string,
): Hidden {
  const known = nameSecrets(inputs, service)
  const byField = new Map<string, NamedSecret>()
  for (const event of events) {
    const found = known.byValue(filledText(event))
    if (found) byField.set(fieldOf(event), found)
  }
  const mask = maskPairs(known.values)
  const names = new Set<string>()
  const hidden = events.map((event): RecordedEvent => {
    if (event.kind === 'navigation')
      return { ...event, url: mask(event.url), title: orNothing(event.title, mask) }
    const text = filledText(event)
    const secret = text === '' ? undefined : (known.byValue(text) ?? byField.get(fieldOf(event)))
    if (secret) names.add(secret.name)
    const { seen, action } = event
    const { text: _, value: __, ...rest } = action
    return {
      ...event,
      action: maskAll(secret ? rest : action, mask),
      ...(secret && { secret }),
      ...(seen && { seen: seenWithout(seen, mask) }),
    }
  })
  return { events: hidden, names: [...names], mask }
}

function nameSecrets(inputs: readonly SecretInput[], service: string) {
  const named = new Map<string, NamedSecret>()
  const meantBy = ({ values }: SecretInput) => values.at(-1) ?? ''
  for (const input of inputs) {
    const { field } = input
    const meant = meantBy(input)
    if (meant !== '' && !named.has(meant)) named.set(meant, { name: freeName(field), field })
  }

  function freeName(field: SecretField): string {
    const taken = [...named.values()].map(({ name }) => name)
    const first = `${prefixOf(service)}_${WORDS[field]}`
    let name = first
    for (let i = 2; taken.includes(name); i++) name = `${first}_${i}`
    return name
  }

  return {
    byValue(text: string): NamedSecret | undefined {
      const whole = named.get(text)
      if (whole || text.length < SURE_LENGTH_MIN) return whole
      const typed = inputs.find(({ values }) => values.includes(text))
      return typed && named.get(meantBy(typed))
    },
    values: inputs.flatMap((input) => {
      const name = named.get(meantBy(input))?.name ?? WORDS[input.field]
      return input.values.map((value): [string, string] => [name, value])
    }),
  }
}

/** A text that showed a secret is of no use any more. */
const orNothing = (text: string, mask: Mask) => (mask(text) === text ? text : '')

function seenWithout({ text, value, ...seen }: SeenElement, mask: Mask): SeenElement {
  return {
    ...seen,
    ...(text !== undefined && { text: orNothing(text, mask) }),
    ...(value !== undefined && mask(value) === value && { value }),
  }
}

function maskAll<T>(value: T, mask: Mask): T {
  if (typeof value === 'string') return mask(value) as T
  if (Array.isArray(value)) return value.map((item) => maskAll(item, mask)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, maskAll(inner, mask)]),
  ) as T
}

const filledText = (event: RecordedEvent) =>
  event.kind === 'action' && ['fill', 'assertValue'].includes(event.action.name)
    ? (event.action.text ?? event.action.value ?? '')
    : ''

const fieldOf = (event: RecordedEvent) =>
  event.kind === 'action' ? `${event.page} ${event.action.selector}` : ''

/** As the name of a variable; those of the probe's own are not given to checks. */
function prefixOf(service: string): string {
  const name = service.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  return /^[A-Z]/.test(name) && !/^(FIREWATCH|OTEL)(_|$)/.test(name) ? name : `SITE_${name}`
}
