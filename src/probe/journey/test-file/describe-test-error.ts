import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { TestError } from 'playwright/types/testReporter'
import { codeFrame, formatProblem } from '../../../definitions/format-problem.ts'
import type { Problem } from '../../../definitions/problem.ts'
import { describeError } from '../host/describe-error.ts'
import { findLoadTrouble, type SourceOf } from '../load-trouble.ts'

/** What a test or its file says when it fails: the message without colours, and where. */
export type ToldError = { message: string; place: Place | undefined }

type Place = Pick<Problem, 'file' | 'line' | 'column'>

const SOURCE_ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Where nobody looks for a mistake. */
const isOurs = (file: string) => file.startsWith(SOURCE_ROOT) || file.includes('/node_modules/')

/** As the compiler says it; it counts columns from 0, and draws the lines around the place. */
const COMPILED = /^\w*Error: (?<file>\/[^\n:]+): (?<what>[^\n]*?) ?\((?<line>\d+):(?<column>\d+)\)/
/** As `require` says it. */
const REQUIRED = /^(?:Error: )?Cannot find module '([^']+)'\nRequire stack:\n- (.+)/

/** Reads an error of Playwright's reporter. */
export function tellError(error: TestError, sourceOf: SourceOf): ToldError {
  const text = stripVTControlCharacters(error.message ?? error.value ?? 'no reason was given')
  const compiled = COMPILED.exec(text)?.groups
  if (compiled) {
    const { file = '', what = '', line, column } = compiled
    return { message: what, place: { file, line: Number(line), column: Number(column) + 1 } }
  }
  const said = asImport(text.replace(/^Error: /, ''))
  const stack = stripVTControlCharacters(error.stack ?? '')
  const found = findLoadTrouble('', { name: '', message: said, stack }, { sourceOf, isOurs })
  const isMissing = found.message.startsWith('there is no ')
  const { location } = error
  const place = location && !isMissing && !isOurs(location.file) ? location : found
  const { file, line, column } = place
  return {
    message: isMissing
      ? [found.message, found.suggestion && `did you mean "${found.suggestion}"?`]
          .filter(Boolean)
          .join('; ')
      : describeError(said),
    place: file === '' ? undefined : { file, line: Math.max(1, line), column: Math.max(1, column) },
  }
}

/** What cannot be required in the words of what cannot be imported. */
function asImport(message: string): string {
  const [, name = '', from] = REQUIRED.exec(message) ?? []
  if (from === undefined) return message
  const kind = /^[./]/.test(name) ? 'module' : 'package'
  return `Cannot find ${kind} '${name}' imported from ${from}`
}

/** The last two folders tell which file it is, on whatever machine it lies. */
const shownFile = (file: string): string => file.split(/[/\\]/).slice(-2).join('/')

/** The message, the place and its line, for people. */
export function describeToldError(told: ToldError, sourceOf: SourceOf): string {
  const { message, place } = told
  if (!place) return message
  const where = `at ${shownFile(place.file)}:${place.line}:${place.column}`
  return [message, where, codeFrame(problemOf(told, place.file, sourceOf)) ?? []].flat().join('\n')
}

/** The same of what keeps a file from loading, with its place in front. */
export function describeLoadError(told: ToldError, file: string, sourceOf: SourceOf): string {
  const problem = problemOf(told, file, sourceOf)
  const said = formatProblem({ ...problem, file: shownFile(problem.file) })
  return [`the test file cannot be loaded: ${said}`, codeFrame(problem) ?? []].flat().join('\n')
}

/** As a problem of a file that people wrote, with its absolute path; of `file` where no place is told. */
export function problemOf(
  { message, place = { file: '', line: 1, column: 1 } }: ToldError,
  file: string,
  sourceOf: SourceOf,
): Problem {
  const where = { ...place, file: place.file || file }
  const sourceLine = sourceOf(where.file)?.split('\n')[where.line - 1]
  const [first = ''] = message.split('\n')
  return { ...where, message: first, ...(sourceLine !== undefined && { sourceLine }) }
}

export const sourceOfFile: SourceOf = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // Then the place is said without its line.
  }
}
