import { expect, test } from 'vitest'
import { codeFrame, formatProblem } from '../../../src/definitions/format-problem.ts'
import { type Problem, sortProblems } from '../../../src/definitions/problem.ts'

const problem: Problem = { file: 'config/a.yaml', line: 12, column: 3, message: 'unknown key "x"' }

test.each([
  { why: 'only what is wrong', extra: {}, text: 'unknown key "x"' },
  {
    why: 'what was expected',
    extra: { expected: 'a or b' },
    text: 'unknown key "x"; expected a or b',
  },
  {
    why: 'what was meant',
    extra: { suggestion: 'y' },
    text: 'unknown key "x"; did you mean "y"?',
  },
  {
    why: 'all of it',
    extra: { expected: 'a or b', suggestion: 'y' },
    text: 'unknown key "x"; expected a or b; did you mean "y"?',
  },
])('a problem on one line: $why', ({ extra, text }) => {
  expect(formatProblem({ ...problem, ...extra })).toBe(`config/a.yaml:12:3: ${text}`)
})

test.each(['\u001b', '\u202e', '\r', '\u009b', '\n'])(
  '%j in a file does not reach the terminal',
  (control) => {
    const hostile = `a${control}[2J`
    const shown = { ...problem, file: hostile, message: hostile, sourceLine: hostile }

    expect(formatProblem(shown)).not.toContain(control)
    expect(codeFrame(shown)?.split('\n')[0]).toBe('12 | a\ufffd[2J')
  },
)

test('the caret stands below the place, tabs before it or not', () => {
  expect(codeFrame({ ...problem, column: 6, sourceLine: '\ta: [b]' })).toBe(
    '12 |  a: [b]\n   |      ^',
  )
})

test('a long line is shown around the place', () => {
  const frame = codeFrame({
    ...problem,
    column: 5_000,
    sourceLine: `${'x'.repeat(4_999)}y${'x'.repeat(99)}`,
  })
  const [line = '', caret = ''] = frame?.split('\n') ?? []

  expect(line.length).toBeLessThan(110)
  expect(line[caret.indexOf('^')]).toBe('y')
})

test('a problem of a whole file has no frame', () => {
  expect(codeFrame(problem)).toBeUndefined()
  expect(codeFrame({ ...problem, sourceLine: '  ' })).toBeUndefined()
})

test('problems are sorted by place, and each is said once', () => {
  const at = (file: string, line: number, column: number) => ({ ...problem, file, line, column })
  const sorted = [at('a', 1, 2), at('a', 2, 1), at('a', 10, 1), at('b', 1, 1)]

  expect(sortProblems([...sorted.toReversed(), at('a', 2, 1)])).toEqual(sorted)
})
