import { describeDuration } from '../../base/duration.ts'
import type { ReadingTable } from '../../protocol/reading-table.ts'

/** What a query answered. */
export type Reading =
  /** `atLeast`: it is that much or more, as where counting stopped at a limit. */
  | {
      kind: 'number'
      value: number
      atLeast?: boolean | undefined
      /** Of queries by a label: the number is that of the worst row. */
      table?: ReadingTable | undefined
    }
  /** There is nothing to count in: never zero. */
  | { kind: 'no_data'; reason: string }
  /** Nothing could be learnt. `isTelemetry`: what it is made of was not collected, as is known. */
  | { kind: 'unknown'; reason: string; isTelemetry?: boolean | undefined }

/** When a number is bad, and for how long it must be, or must not be, before that counts. */
export type NumberRule = { above?: number; below?: number; forMs: number }

/** What is remembered between two readings. */
export type Held = {
  /** Since when the readings say the other thing than what holds, and when one last said so. */
  turning?: { isBad: boolean; since: number; lastAt: number }
}

export type ReadingVerdict = {
  kind: 'firing' | 'over' | 'unchanged'
  /** With `firing`: the first bad reading. */
  since?: number
  /** In words. */
  reason: string
  held: Held
}

/**
 * Decides what a number means: it fires once it was bad for the whole hold-down, and is over once it
 * was good for as long. What is no number changes nothing, and neither goes on with a hold-down that
 * was not confirmed for longer than `freshMs`: what was not seen is not known to have lasted.
 */
export function judgeReading(
  reading: Reading,
  rule: NumberRule,
  { held, isFiring, freshMs, now }: { held: Held; isFiring: boolean; freshMs: number; now: number },
): ReadingVerdict {
  if (reading.kind !== 'number') return { kind: 'unchanged', reason: reading.reason, held }
  const isBad = isBadNumber(reading, rule)
  const words = `${numberWords(reading)}, ${limitWords(rule)}`
  if (isBad === undefined)
    return { kind: 'unchanged', reason: `${words}: counting stopped too early`, held }
  if (isBad === isFiring)
    return isFiring
      ? { kind: 'firing', reason: words, held: {} }
      : { kind: 'unchanged', reason: words, held: {} }

  const before = held.turning
  const goesOn = before && before.isBad === isBad && now - before.lastAt <= freshMs
  const since = goesOn ? before.since : now
  const lasted = now - since
  if (lasted < rule.forMs)
    return {
      kind: 'unchanged',
      reason: `${words} for ${describeDuration(lasted)} of ${describeDuration(rule.forMs)}`,
      held: { turning: { isBad, since, lastAt: now } },
    }
  const reason = `${words} for ${describeDuration(lasted)}`
  return isBad ? { kind: 'firing', since, reason, held: {} } : { kind: 'over', reason, held: {} }
}

/**
 * Whether a number is bad. A bound from below says that it is above, and that it is not below; nothing
 * else.
 */
export function isBadNumber(
  { value, atLeast = false }: Extract<Reading, { kind: 'number' }>,
  { above, below }: Pick<NumberRule, 'above' | 'below'>,
): boolean | undefined {
  if (above !== undefined && value > above) return true
  if (below !== undefined && value < below) return atLeast ? undefined : true
  return atLeast && above !== undefined ? undefined : false
}

function numberWords({ value, atLeast, table }: Extract<Reading, { kind: 'number' }>): string {
  const words = `${atLeast === true ? 'at least ' : ''}${Number(value.toPrecision(4))}`
  const label = table?.rows[0]?.label
  return table && label !== undefined ? `${table.by} ${label || '(none)'}: ${words}` : words
}

/** `above 0.05 is bad`. */
export function limitWords({ above, below }: Pick<NumberRule, 'above' | 'below'>): string {
  const limits = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ]
  return `${limits.join(' or ')} is bad`
}
