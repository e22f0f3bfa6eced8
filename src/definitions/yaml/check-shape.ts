import type { z } from 'zod'
import { nearestName } from '../../base/nearest-name.ts'
import { joinOr, quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { expectedWords, withoutExpected } from './expected-words.ts'
import { knownKeys } from './known-keys.ts'
import { moreProblems, PROBLEMS_PER_FILE_MAX, UNREADABLE } from './read-node.ts'
import { findPlace, type Path, problemAt, valueAt, type YamlFile } from './yaml-file.ts'

type Issue = z.core.$ZodIssue

/** Keys of one mapping that are said to be unknown; with more, the mapping is of something else. */
const UNKNOWN_KEYS_MAX = 20

/** A file that has the form of its schema, or everything about it that has not. */
export type Shaped<T> = { value?: T; problems: Problem[] }

/** Compares a file with its schema, and says each difference at its place and in words. */
export function checkShape<S extends z.ZodType>(yaml: YamlFile, schema: S): Shaped<z.output<S>> {
  if (yaml.value === null)
    return { problems: [problemAt(yaml, [], emptyFile(knownKeys(schema, {}, [])))] }

  const parse = () => schema.safeParse(yaml.value, { error: expectedWords })
  let parsed = parse()
  if (!parsed.success && takeOtherReadings(yaml, parsed.error.issues)) parsed = parse()
  if (parsed.success) return { value: parsed.data, problems: [] }

  const issues = withoutEchoes(
    parsed.error.issues.flatMap((issue) => closestReading(issue, issue.path)),
  )
  const enough = issues.slice(0, PROBLEMS_PER_FILE_MAX)
  const problems = withoutConsequences(enough.flatMap((issue) => describe(yaml, schema, issue)))
  if (issues.length > enough.length)
    problems.push(problemAt(yaml, [], moreProblems(issues.length - enough.length)))
  return { problems }
}

function emptyFile(keys: string[]) {
  return { message: 'the file is empty', expected: `a mapping with ${keys.map(quote).join(', ')}` }
}

/**
 * A variable's text reads as a number or as text; where the schema could not take the one, it gets
 * the other.
 *
 * @returns whether anything was changed.
 */
function takeOtherReadings(yaml: YamlFile, issues: readonly Issue[]): boolean {
  let hasChanged = false
  for (const { path } of issues.flatMap((issue) => closestReading(issue, issue.path))) {
    const place = findPlace(yaml, path)
    const key = path.at(-1)
    const holder = valueAt(yaml.value, path.slice(0, -1))
    if (place?.otherReading === undefined || key === undefined || !isHolder(holder)) continue
    Reflect.set(holder, key, place.otherReading)
    delete place.otherReading
    hasChanged = true
  }
  return hasChanged
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * Of a union, the alternative that was most likely meant: the one whose type the value has. What is
 * wrong inside it says more than "none of these".
 */
function closestReading(issue: Issue, path: Path): Issue[] {
  if (issue.code !== 'invalid_union') return [{ ...issue, path: [...path] }]
  const fitting = issue.errors.find(
    (branch) =>
      branch.length > 0 &&
      branch.every(({ path: inner, code }) => inner.length > 0 || code === 'unrecognized_keys'),
  )
  if (!fitting) return [{ ...issue, path: [...path] }]
  return fitting.flatMap((inner) => closestReading(inner, [...path, ...inner.path]))
}

/** Zod leaves out keys that it does not know, and may then find that what is left is empty. */
function withoutEchoes(issues: Issue[]): Issue[] {
  const strange = issues.filter(({ code }) => code === 'unrecognized_keys')
  const places = new Set(strange.map(({ path }) => pathKey(path)))
  return issues.filter(({ code, path }) => code !== 'custom' || !places.has(pathKey(path)))
}

type Described = Problem & {
  /** The path of a key that is missing. */
  missing?: string
  /** The path of the key that seems to have been meant by one that is not known. */
  meant?: string
}

function describe(yaml: YamlFile, schema: z.ZodType, issue: Issue): Described[] {
  const { path } = issue
  const value = valueAt(yaml.value, path)
  // That its variable is not set was said already.
  if (value === UNREADABLE) return []
  if (issue.code === 'unrecognized_keys') return unknownKeys(yaml, schema, path, issue.keys)

  const expected = withoutExpected(issue.message)
  const name = nameOf(path)
  if (issue.code === 'invalid_key')
    return [{ ...problemAt(yaml, path, { message: `${name} cannot be a key`, expected }, 'key') }]
  const place = findPlace(yaml, path)
  if (!place) {
    const missing = problemAt(yaml, path, { message: `${name} is missing`, expected })
    return [{ ...missing, missing: pathKey(path) }]
  }
  if (value === null)
    return [problemAt(yaml, path, { message: `${name} has no value`, expected }, 'key')]
  const written = place.written ?? value
  const suggestion = nearest(written, allowedValues(issue))
  const isTogether = issue.code === 'custom' && isHolder(value) && Object.keys(value).length > 0
  const message = isTogether
    ? `${name} contradicts itself`
    : `${name} cannot be ${inWords(written)}`
  const complaint = { message, expected }
  return [problemAt(yaml, path, suggestion ? { ...complaint, suggestion } : complaint)]
}

function unknownKeys(yaml: YamlFile, schema: z.ZodType, path: Path, keys: string[]): Described[] {
  const described = keys
    .slice(0, UNKNOWN_KEYS_MAX)
    .map((key) => unknownKey(yaml, schema, path, key))
  const more = keys.length - described.length
  if (more > 0) described.push(problemAt(yaml, path, { message: `${more} more unknown keys` }))
  return described
}

function unknownKey(yaml: YamlFile, schema: z.ZodType, path: Path, key: string): Described {
  const known = knownKeys(schema, yaml.value, path)
  const written = Object.keys(Object(valueAt(yaml.value, path)))
  // What is there already was not meant by something else.
  const suggestion = nearestName(
    key,
    known.filter((name) => !written.includes(name)),
  )
  const message = `unknown key ${quote(key)}`
  if (suggestion) {
    const problem = problemAt(yaml, [...path, key], { message, suggestion }, 'key')
    return { ...problem, meant: pathKey([...path, suggestion]) }
  }
  const expected = known.length === 0 ? undefined : joinOr(known)
  return problemAt(yaml, [...path, key], { message, ...(expected && { expected }) }, 'key')
}

function allowedValues(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  // A union that chooses by a key says here what that key may be.
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return issue.options.map(String)
  return []
}

function nearest(written: unknown, allowed: readonly string[]): string | undefined {
  return typeof written === 'string' ? nearestName(written, allowed) : undefined
}

/** A misspelled key makes another one missing; one of the two is enough to say. */
function withoutConsequences(described: Described[]): Problem[] {
  const meantPaths = new Set(described.map(({ meant }) => meant))
  return described
    .filter(({ missing }) => missing === undefined || !meantPaths.has(missing))
    .map(({ missing: _, meant: __, ...problem }) => problem)
}

const pathKey = (path: Path) => JSON.stringify(path.map(String))

function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (typeof last !== 'number') return quote(String(last))
  const list = path.at(-2)
  return list === undefined ? `entry ${last + 1}` : `entry ${last + 1} of ${quote(String(list))}`
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object')
    return Object.keys(Object(value)).length === 0 ? 'empty' : 'a mapping'
  return String(value)
}
