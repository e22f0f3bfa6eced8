/** Something wrong in a file that people write, said so that they can find it and put it right. */
export type Problem = {
  /** Relative to the folder that was read, with forward slashes. */
  file: string
  /** From 1. */
  line: number
  /** From 1, in UTF-16 units as editors count. */
  column: number
  /** What is wrong. Never holds the value of a variable. */
  message: string
  expected?: string
  /** What was most likely meant. */
  suggestion?: string
  /** The line as it is in the file, for a code frame. */
  sourceLine?: string
}

/** The part of a problem that says what is wrong, without where. */
export type Complaint = Pick<Problem, 'message' | 'expected' | 'suggestion'>

/** A problem of a whole file, such as one that is missing. */
export function problemOfFile(file: string, complaint: Complaint): Problem {
  return { file, line: 1, column: 1, ...complaint }
}

/**
 * In the order in which somebody would walk through the files, each said once: what stands in
 * `defaults` is wrong for every check that takes it.
 */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const sorted = problems.toSorted(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.message, b.message),
  )
  return sorted.filter((problem, index) => {
    const previous = sorted[index - 1]
    return !(
      previous &&
      previous.file === problem.file &&
      previous.line === problem.line &&
      previous.column === problem.column &&
      previous.message === problem.message
    )
  })
}

/** By code units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
