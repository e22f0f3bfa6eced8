import type { Findings } from '../../src/probe/checks/check-runner.ts'

const nothing = () => undefined

/** Findings that nobody reads; a test replaces what it looks at. */
export const noFindings: Findings = {
  phase: nothing,
  subject: nothing,
  subjectPart: nothing,
  unknown: nothing,
  lookup: nothing,
  fact: nothing,
  step: nothing,
  exchange: nothing,
  evidence: nothing,
  duration: nothing,
  browser: nothing,
  artifact: nothing,
  log: nothing,
  secret: nothing,
  scriptHash: nothing,
  part: () => noFindings,
}
