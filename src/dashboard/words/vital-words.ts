import { shortTime } from './quantity.ts'

/** Upper bounds of "good" and "needs improvement", as browsers' makers publish them. */
const BOUNDS = {
  ttfb: [800, 1_800],
  fcp: [1_800, 3_000],
  lcp: [2_500, 4_000],
  inp: [200, 500],
  cls: [0.1, 0.25],
} as const

export type VitalName = keyof typeof BOUNDS

export type VitalWords = { value: string; tone: 'passed' | 'degraded' | 'failed'; word: string }

/** A web vital with what it is worth, by sign and word; undefined when it was not measured. */
export function vitalWords(name: VitalName, value: number | undefined): VitalWords | undefined {
  if (value === undefined) return undefined
  const [good, poor] = BOUNDS[name]
  const shown = name === 'cls' ? value.toFixed(3) : shortTime(value)
  if (value <= good) return { value: shown, tone: 'passed', word: '✓ good' }
  if (value <= poor) return { value: shown, tone: 'degraded', word: '◐ needs improvement' }
  return { value: shown, tone: 'failed', word: '✗ poor' }
}

/** `3`, or `20 of 133 shown` when a list is bounded. */
export const shownWords = (shown: number, all: number): string =>
  shown < all ? `${shown} of ${all.toLocaleString('en')} shown` : all.toLocaleString('en')
