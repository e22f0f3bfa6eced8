import type { LintInput, OnCallComplaint } from './lint/complaint.ts'
import { contactComplaints } from './lint/contact-complaints.ts'
import { coverComplaints } from './lint/cover-complaints.ts'
import { ladderComplaints } from './lint/ladder-complaints.ts'
import { shiftComplaints } from './lint/shift-complaints.ts'

/** How far ahead is looked: people can still be asked, and leave is mostly known. */
export const LINT_MS = 8 * 7 * 86_400_000

/** Most complaints that are told. */
export const COMPLAINTS_MAX = 200

/** What the next weeks would bring: errors first, then by time. At most {@link COMPLAINTS_MAX}. */
export function lintOnCall(input: LintInput): OnCallComplaint[] {
  if (input.roster.onCall.people.length === 0)
    return [
      {
        kind: 'nobody_at_all',
        level: 'error',
        message: 'nobody is on call: the file names no people',
        advice: 'people, a team with its services, and a rotation',
        path: ['people'],
      },
    ]
  return [
    ...coverComplaints(input),
    ...shiftComplaints(input),
    ...contactComplaints(input),
    ...ladderComplaints(input),
  ]
    .toSorted(
      (a, b) =>
        Number(a.level > b.level) - Number(a.level < b.level) || (a.from ?? 0) - (b.from ?? 0),
    )
    .slice(0, COMPLAINTS_MAX)
}
