import type { ImpactNumber } from '../../protocol/triage-card.ts'
import { percentWords } from './quantity.ts'

/** Digits of an estimate that mean anything. */
const DIGITS = 2

/** `~2,400`, `at least ~2,400`, `12`; undefined where there is no number. */
export function usersWords({ asked }: ImpactNumber): string | undefined {
  if (asked?.answer.kind !== 'number') return undefined
  const { value, atLeast = false } = asked.answer
  const rounded = Number(value.toPrecision(DIGITS))
  const about = value >= 10 ** DIGITS ? '~' : ''
  const number = value >= 10 ** DIGITS ? rounded : Math.round(value)
  return `${atLeast ? 'at least ' : ''}${about}${number.toLocaleString('en')}`
}

/** `5.2 %`; undefined where there is no number. */
export function shareWords({ asked }: ImpactNumber): string | undefined {
  if (asked?.answer.kind !== 'number') return undefined
  const { value, atLeast = false } = asked.answer
  return `${atLeast ? 'at least ' : ''}${percentWords(value, 1)}`
}

/** Why there is no number. */
export function missingWords({ asked }: ImpactNumber): string {
  if (!asked) return 'not asked yet'
  if (asked.answer.kind === 'number') return ''
  return asked.answer.kind === 'no_data'
    ? `no data: ${asked.answer.reason}`
    : `not known: ${asked.answer.reason}`
}
