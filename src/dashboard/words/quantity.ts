import { describeDuration } from '../../base/duration.ts'

/** Shown wherever something is not known; never 0. */
export const UNKNOWN = '–'

/** `1 check`, `3 checks`, `2 probes`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? noun : plural}`
}

/** `a`, `a and b`, `a, b and c`. */
export function joinNames(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** Like {@link joinNames}, but lists only the first few and counts the rest. */
export function joinSome(names: readonly string[], shownMax = 3): string {
  if (names.length <= shownMax + 1) return joinNames(names)
  return `${names.slice(0, shownMax).join(', ')} and ${names.length - shownMax} more`
}

/** `640 B`, `2.4 kB`, `1.3 MB`. */
export function bytesWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `99.2 %`; a share that is not whole is never rounded up to 100 %. */
export function percentWords(part: number, whole: number): string {
  if (whole === 0) return UNKNOWN
  const tenths = Math.floor((part / whole) * 1_000) / 10
  return `${tenths} %`
}

/** `0.4 ms`, `42 ms`, `1.3 s`: short times keep a digit, because phases are often below a millisecond. */
export const shortTime = (ms: number): string =>
  ms < 9.95 ? `${ms.toFixed(1)} ms` : describeDuration(ms)
