import { count } from './quantity.ts'
import { ageWords } from './time-words.ts'

/** The lists of incidents that one can choose. */
export type ListShown = 'open' | 'backlog' | 'all'

/** What nobody is called for, and what therefore gathers unless somebody looks. */
export const BACKLOG_SEVERITY = 'SEV-4'

export const listShown = (filter: string | null): ListShown =>
  filter === 'all' || filter === 'backlog' ? filter : 'open'

/** The newest first, as they come; of the backlog what has lain for longest. */
export const ordered = <T extends { openedAt: number }>(
  incidents: readonly T[],
  shown: ListShown,
): readonly T[] =>
  shown === 'backlog' ? incidents.toSorted((a, b) => a.openedAt - b.openedAt) : incidents

/** How many there are, in words; of the backlog also how long it has lain. */
export function incidentsSentence(
  { data, nextCursor }: { data: readonly { openedAt: number }[]; nextCursor: string | null },
  shown: ListShown,
  now: number,
): string {
  const many =
    nextCursor === null
      ? count(data.length, 'incident')
      : `The ${shown === 'backlog' ? 'newest' : 'first'} ${data.length} incidents`
  if (shown === 'all')
    return data.length === 0 ? 'No incident on record.' : `${many} on record, newest first.`
  if (shown === 'open') return data.length === 0 ? 'No incident is open.' : `${many} open.`
  if (data.length === 0) return `No incident of ${BACKLOG_SEVERITY} is open.`
  const ages = data.map(({ openedAt }) => Math.max(0, now - openedAt)).toSorted((a, b) => b - a)
  const median = ages[Math.floor(ages.length / 2)] ?? 0
  return `${many} of ${BACKLOG_SEVERITY} open, oldest first: half for ${ageWords(median)} or longer, one for ${ageWords(ages[0] ?? 0)}.`
}
