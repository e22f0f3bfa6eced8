import { parse } from 'yaml'
import { AppError, messageOf } from '../../base/app-error.ts'

/** What another tool's file says has no equivalent here, or is not copied. */
export type LeftOut = {
  /** Where it stands: `blackbox.yml: modules.http_2xx.http.body_file`. */
  place: string
  why: string
}

/** A mapping of another tool's file. What nobody takes from it is left out, and said. */
export type ForeignMapping = {
  place: string
  keys(): string[]
  has(key: string): boolean
  /** Takes a value of whatever type, so that it counts as understood. */
  take(key: string): unknown
  text(key: string): string | undefined
  number(key: string): number | undefined
  flag(key: string): boolean | undefined
  texts(key: string): string[]
  mapping(key: string): ForeignMapping | undefined
  mappings(key: string): ForeignMapping[]
  /** Says that the value of a key is left out. */
  leaveOut(key: string, why: string): void
  /** Says so of whatever was not taken. */
  leaveOutRest(why?: string): void
}

const NO_EQUIVALENT = 'has no equivalent'

/**
 * Reads YAML or JSON of another tool.
 *
 * @throws {AppError} `definitions.invalid` when it is neither.
 */
export function readForeign(file: string, text: string): unknown {
  try {
    return parse(text, { merge: true, logLevel: 'silent' })
  } catch (cause) {
    throw new AppError('definitions.invalid', `${file}: ${messageOf(cause)}`, { cause })
  }
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Makes a mapping readable; what is none is empty, and is said by whoever expected one. */
export function foreignMapping(place: string, value: unknown, leftOut: LeftOut[]): ForeignMapping {
  const entries = new Map(isMapping(value) ? Object.entries(value) : [])
  const taken = new Set<string>()
  const take = (key: string): unknown => {
    taken.add(key)
    return entries.get(key) ?? undefined
  }
  const below = (key: string) => `${place}${place.endsWith(': ') ? '' : '.'}${key}`
  const leaveOut = (key: string, why: string) => {
    taken.add(key)
    leftOut.push({ place: below(key), why })
  }
  /** Takes a value if it is of the type that the tool documents; says so otherwise. */
  const takeAs = <T>(key: string, what: string, is: (value: unknown) => value is T) => {
    const value = take(key)
    if (value === undefined || is(value)) return value
    leaveOut(key, `is no ${what}`)
    return undefined
  }
  return {
    place,
    keys: () => [...entries.keys()],
    has: (key) => entries.get(key) !== undefined && entries.get(key) !== null,
    take,
    text(key) {
      const value = takeAs(key, 'text', isPlain)
      return value === undefined ? undefined : String(value)
    },
    number: (key) => takeAs(key, 'number', (value) => typeof value === 'number'),
    flag: (key) => takeAs(key, 'true or false', (value) => typeof value === 'boolean'),
    texts: (key) => takeAs(key, 'list of texts', isPlainList)?.map(String) ?? [],
    mapping(key) {
      const mapping = takeAs(key, 'mapping', isMapping)
      return mapping && foreignMapping(below(key), mapping, leftOut)
    },
    mappings(key) {
      const list = takeAs(key, 'list', Array.isArray) ?? []
      return list.map((item, index) => foreignMapping(`${below(key)}[${index}]`, item, leftOut))
    },
    leaveOut,
    leaveOutRest(why = NO_EQUIVALENT) {
      for (const key of entries.keys()) if (!taken.has(key)) leaveOut(key, why)
    },
  }
}

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)

const isPlainList = (value: unknown): value is (string | number | boolean)[] =>
  Array.isArray(value) && value.every(isPlain)

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Reads durations as Go's tools write them, such as `1m30s`; undefined for what is none. */
export function parseGoDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)]
  return parts.reduce((ms, [, amount, unit = '']) => ms + Number(amount) * (UNITS[unit] ?? 0), 0)
}

/**
 * A pattern of Go's RE2 as ours; undefined when it cannot be said. Flags at its beginning become a
 * group, since ours has no others.
 */
export function toPattern(re2: string): string | undefined {
  const flags = /^\(\?([ims]+)\)/.exec(re2)
  const source = flags ? `(?${flags[1]}:${re2.slice(flags[0].length)})` : re2
  try {
    new RegExp(source, 'u')
    return source
  } catch {
    return undefined // That is the answer.
  }
}
