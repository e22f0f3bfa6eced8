import { count } from './quantity.ts'
import { ageWords } from './time-words.ts'

/** The lists of incidents that one can choose. */
export type ListShown = 'open' | 'backlog' | 'all'

/** What nobody is called for, and what therefore gathers unless somebody looks; the smallest first. */
export const BACKLOG_SEVERITIES = ['SEV-4', 'SEV-3'] as const
export type BacklogSeverity = (typeof BACKLOG_SEVERITIES)[number]

export const listShown = (filter: string | null): ListShown =>
  filter === 'all' || filter === 'backlog' ? filter : 'open'

export const backlogSeverity = (filter: string | null): BacklogSeverity =>
  filter === 'SEV-3' ? 'SEV-3' : 'SEV-4'

/**
 * How many there are, in words; of the backlog also how long it has lain.
 *
 * @param isFirst it is the first page of them.
 */
export function incidentsSentence(
  { data, nextCursor }: { data: readonly { openedAt: number }[]; nextCursor: string | null },
  shown: ListShown,
  now: number,
  { severity = 'SEV-4', isFirst = true }: { severity?: BacklogSeverity; isFirst?: boolean } = {},
): string {
  const isWhole = nextCursor === null && isFirst
  const many = isWhole
    ? count(data.length, 'incident')
    : `${isFirst ? (shown === 'backlog' ? 'The oldest' : 'The first') : 'The next'} ${count(data.length, 'incident')}`
  if (shown === 'all')
    return data.length === 0 ? 'No incident on record.' : `${many} on record, newest first.`
  if (shown === 'open') return data.length === 0 ? 'No incident is open.' : `${many} open.`
  if (data.length === 0) return `No incident of ${severity} is open.`
  const ages = data.map(({ openedAt }) => Math.max(0, now - openedAt)).toSorted((a, b) => b - a)
  const oldest = ageWords(ages[0] ?? 0)
  // Of a page alone half of them says nothing.
  if (!isWhole) return `${many} of ${severity} open, the first for ${oldest}.`
  const median = ages[Math.floor(ages.length / 2)] ?? 0
  return `${many} of ${severity} open, oldest first: half for ${ageWords(median)} or longer, one for ${oldest}.`
}
