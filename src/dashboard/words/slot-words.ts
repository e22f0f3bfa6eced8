import { describeDuration } from '../../base/duration.ts'
import type { SlotSummary } from '../../protocol/public-api.ts'
import type { SlotEnd } from '../../protocol/run.ts'
import { count } from './quantity.ts'
import { clockTime } from './time-words.ts'

/** What one cell of a bar shows. */
export type SlotState = SlotEnd | 'awaited'

export const slotStateOf = (slot: Pick<SlotSummary, 'end'>): SlotState => slot.end ?? 'awaited'

/** One word or two for each state, and what it means, for the legend. */
export const SLOT_WORDS: { readonly [S in SlotState]: { word: string; meaning: string } } = {
  passed: { word: 'passed', meaning: 'everything that was expected held' },
  degraded: { word: 'degraded', meaning: 'it works, but a wish did not hold' },
  failed: { word: 'failed', meaning: 'something that was expected did not hold' },
  probe_fault: {
    word: 'probe fault',
    meaning: 'the probe could not measure; no word on the target',
  },
  missed: { word: 'missed', meaning: 'nobody ran it in time' },
  awaited: { word: 'awaited', meaning: 'its run is not in yet' },
  skipped: { word: 'skipped', meaning: 'maintenance or paused' },
}
export const SLOT_STATES = Object.keys(SLOT_WORDS) as SlotState[]

/** One slot in words: `failed at 14:46:10, 2.1 s: HTTP 502`. */
export function slotSentence(slot: SlotSummary, timeZone?: string): string {
  const { word } = SLOT_WORDS[slotStateOf(slot)]
  const took = slot.durationMs === undefined ? '' : `, ${describeDuration(slot.durationMs)}`
  const why = slot.message === undefined ? '' : `: ${slot.message}`
  return `${word} at ${clockTime(slot.slotAt, timeZone)}${took}${why}`
}

/** A whole bar in words: `the last 30 slots: 18 passed, 12 failed`. */
export function barWords(slots: readonly SlotSummary[]): string {
  if (slots.length === 0) return 'no slot yet'
  const counts = SLOT_STATES.map((state) => ({
    word: SLOT_WORDS[state].word,
    amount: slots.filter((slot) => slotStateOf(slot) === state).length,
  })).filter(({ amount }) => amount > 0)
  const listed = counts.map(({ amount, word }) => `${amount} ${word}`).join(', ')
  return `the last ${count(slots.length, 'slot')}: ${listed}`
}

export type SlotStretch = {
  state: SlotState
  from: number
  until: number
  slots: number
  /** The last message within it. */
  message?: string
}

/** Neighbours that ended alike, put together: what a bar shows at a glance, as rows. */
export function slotStretches(slots: readonly SlotSummary[]): SlotStretch[] {
  const stretches: SlotStretch[] = []
  for (const slot of slots) {
    const state = slotStateOf(slot)
    const last = stretches.at(-1)
    const message = slot.message === undefined ? {} : { message: slot.message }
    if (last?.state === state)
      Object.assign(last, { until: slot.slotAt, slots: last.slots + 1, ...message })
    else stretches.push({ state, from: slot.slotAt, until: slot.slotAt, slots: 1, ...message })
  }
  return stretches
}
