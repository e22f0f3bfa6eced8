import { describeDuration } from '../../base/duration.ts'
import type { ReportRule, UserReport } from '../../protocol/signal.ts'

export type ReportsVerdict =
  | { kind: 'firing'; since: number; subject: string; reason: string }
  | { kind: 'over'; reason: string }
  | { kind: 'unchanged' }

/** Texts that the reason quotes, and how much of each. */
const TEXTS_QUOTED_MAX = 3
const TEXT_LENGTH_QUOTED = 200

/**
 * Decides whether what people report means that something is wrong: so many within so long. It is
 * over only when none came for the whole time; between the two it stays what it was.
 *
 * @param reports of one service, in any order; those that are too old do not count.
 */
export function judgeReports(
  reports: readonly Pick<UserReport, 'at' | 'text'>[],
  { count, withinMs }: ReportRule,
  isFiring: boolean,
  now: number,
): ReportsVerdict {
  const recent = reports.filter(({ at }) => at > now - withinMs).toSorted((a, b) => b.at - a.at)
  const within = describeDuration(withinMs)
  const first = recent.at(-1)
  if (first && recent.length >= count) {
    const subject = `${recent.length} ${recent.length === 1 ? 'report' : 'reports'} of users within ${within}`
    const quoted = recent.slice(0, TEXTS_QUOTED_MAX).map(({ text }) => `“${inOneLine(text)}”`)
    return { kind: 'firing', since: first.at, subject, reason: `${subject}: ${quoted.join(', ')}` }
  }
  if (isFiring && recent.length === 0)
    return { kind: 'over', reason: `nobody reported it for ${within}` }
  return { kind: 'unchanged' }
}

function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > TEXT_LENGTH_QUOTED ? `${line.slice(0, TEXT_LENGTH_QUOTED - 1)}…` : line
}
