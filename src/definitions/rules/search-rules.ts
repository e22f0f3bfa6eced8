import { compile as compileSelector } from 'css-select'
import { compile as compilePath } from 'json-p3'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { findPlace, type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { writtenAt } from './duration-rules.ts'
import { checkPaths } from './inherited.ts'
import { requestPaths } from './request-rules.ts'

/** What looks for something in an answer, and how people call it. */
const SEARCHES = {
  json: { what: 'JSONPath', example: 'a path such as $.items[0].price', compile: compilePath },
  select: {
    what: 'CSS selector',
    example: 'a selector such as h1 or ul > li',
    compile: compileCss,
  },
} as const
type Search = keyof typeof SEARCHES

/** The compiler takes what is empty, or breaks off, and then finds nothing. */
function compileCss(selector: string): void {
  if (selector.trim() === '') throw new Error('it is empty')
  if (/[>+~,]\s*$/.test(selector)) throw new Error('it ends too early')
  compileSelector(selector)
}

/** Paths into JSON and selectors that could not be evaluated when an answer is there. */
export function searchProblems(yaml: YamlFile): Problem[] {
  return checkPaths(yaml).flatMap((check) =>
    [check, ...requestPaths(yaml, check)].flatMap((holder) => [
      ...expectedSearches(yaml, holder),
      ...capturedSearches(yaml, holder),
    ]),
  )
}

function expectedSearches(yaml: YamlFile, holder: Path): Problem[] {
  return ['expect', 'should'].flatMap((block) =>
    (['json', 'select'] as const).flatMap((search) => {
      const path = [...holder, block, search]
      return keysAt(yaml, path).flatMap((key) => {
        const reason = reasonAgainst(search, key)
        return reason === undefined
          ? []
          : [problem(yaml, [...path, key], { search, written: key, reason }, 'key')]
      })
    }),
  )
}

function capturedSearches(yaml: YamlFile, holder: Path): Problem[] {
  const path = [...holder, 'capture']
  return keysAt(yaml, path).flatMap((name) =>
    (['json', 'select'] as const).flatMap((search) => {
      const place = [...path, name, search]
      const value = valueAt(yaml.value, place)
      const reason = typeof value === 'string' ? reasonAgainst(search, value) : undefined
      if (reason === undefined) return []
      const isPlain = findPlace(yaml, place)?.written === undefined
      const written = writtenAt(yaml, place)
      // The reason may quote a variable's value, which is not ours to show.
      return [problem(yaml, place, { search, written, reason: isPlain ? reason : '' }, 'value')]
    }),
  )
}

/** Why it is not valid; undefined when it is. */
function reasonAgainst(search: Search, text: string): string | undefined {
  try {
    SEARCHES[search].compile(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

type Found = { search: Search; written: string; reason: string }

function problem(
  yaml: YamlFile,
  path: Path,
  { search, written, reason }: Found,
  part: 'key' | 'value',
): Problem {
  const { what, example } = SEARCHES[search]
  const message = `${quote(written)} is no ${what}`
  const expected = reason === '' ? example : `${example} (${reason.trim()})`
  return problemAt(yaml, path, { message, expected }, part)
}

function keysAt(yaml: YamlFile, path: Path): string[] {
  const value = valueAt(yaml.value, path)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.keys(value)
    : []
}
