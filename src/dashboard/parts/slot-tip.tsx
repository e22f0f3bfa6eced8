import { describeDuration } from '../../base/duration.ts'
import type { SlotSummary } from '../../protocol/public-api.ts'
import { BAR_SLOTS } from '../../protocol/public-paths.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { pageAddress } from '../routing/route.ts'
import { SLOT_WORDS, slotStateOf } from '../words/slot-words.ts'
import { ageWords, fullTime, momentWords } from '../words/time-words.ts'

/** What one slot of a bar was. For eyes only: the bar itself says the same in words. */
export function SlotTip(props: {
  slot: SlotSummary
  /** Which cell of the bar it is. */
  place: number
  /** To which side there is more room. */
  opensTo: 'left' | 'right'
}) {
  const { slot, place, opensTo } = props
  const state = slotStateOf(slot)
  const now = coordinatorNow()
  const share = (cells: number) => `${(cells / BAR_SLOTS) * 100}%`
  return (
    // Preventing the default keeps the bar focused, so that a tap on the link is not lost.
    <div
      class="slot-tip"
      aria-hidden="true"
      style={
        opensTo === 'right'
          ? { '--tip-left': share(place) }
          : { '--tip-right': share(BAR_SLOTS - 1 - place) }
      }
      onPointerDown={(event) => event.preventDefault()}
    >
      <p>
        <strong class={`tone-${state}`}>{SLOT_WORDS[state].word}</strong>{' '}
        <span title={fullTime(slot.slotAt)}>{momentWords(slot.slotAt, now)}</span>
        <span class="quiet"> · {ageWords(now - slot.slotAt)} ago</span>
        {slot.durationMs !== undefined && <span> · {describeDuration(slot.durationMs)}</span>}
      </p>
      {slot.message && <p class="slot-tip-message">{slot.message}</p>}
      {slot.runId ? (
        <p class="quiet">
          <a href={pageAddress.run(slot.runId)} tabIndex={-1}>
            Open the run
          </a>{' '}
          <kbd>Enter</kbd>
        </p>
      ) : (
        <p class="quiet">{SLOT_WORDS[state].meaning}</p>
      )}
    </div>
  )
}
