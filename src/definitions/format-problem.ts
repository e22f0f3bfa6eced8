import { printable } from './printable.ts'
import type { Problem } from './problem.ts'

/** Widest piece of a source line in a code frame: fits a terminal beside its line number. */
const FRAME_WIDTH_MAX = 100

/** `file:line:column: what; expected …; did you mean "…"?`, on one line. */
export function formatProblem(problem: Problem): string {
  const parts = [problem.message]
  if (problem.expected) parts.push(`expected ${problem.expected}`)
  if (problem.suggestion) parts.push(`did you mean "${problem.suggestion}"?`)
  const where = `${problem.file}:${problem.line}:${problem.column}`
  return printable(`${where}: ${parts.join('; ')}`)
}

/** The line of the file with a caret below the place; undefined where there is no line to show. */
export function codeFrame(problem: Problem): string | undefined {
  if (!problem.sourceLine?.trim()) return undefined
  const line = printable(problem.sourceLine)
  // A long line is shown around the place, so that the caret stays on the screen.
  const start = problem.column > FRAME_WIDTH_MAX ? problem.column - FRAME_WIDTH_MAX / 2 : 0
  const number = `${problem.line} | `
  return [
    `${number}${line.slice(start, start + FRAME_WIDTH_MAX)}`,
    `${' '.repeat(number.length - 2)}| ${' '.repeat(problem.column - 1 - start)}^`,
  ].join('\n')
}
