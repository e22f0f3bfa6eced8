import type { IncidentMatrix } from '../../protocol/incident-matrix.ts'
import { clockTime } from './time-words.ts'

type Cell = IncidentMatrix['checks'][number]['regions'][number]

/** `12 of 60 failed, 12:01:00 to 12:14:00`, from the first to the last bad cell. */
export function cellWords(
  { ends, slots, failed }: Cell,
  { since, bucketMs }: Pick<IncidentMatrix, 'since' | 'bucketMs'>,
  timeZone?: string,
): string {
  if (slots === 0) return 'nothing ran'
  if (failed === 0) return `${slots} of ${slots} did not fail`
  const at = (bucket: number) => clockTime(since + bucket * bucketMs, timeZone)
  return `${failed} of ${slots} failed, ${at(ends.indexOf('failed'))} to ${at(ends.lastIndexOf('failed') + 1)}`
}
