import { useRef, useState } from 'preact/hooks'
import type { SlotSummary } from '../../protocol/public-api.ts'
import { BAR_SLOTS } from '../../protocol/public-paths.ts'
import { navigate } from '../routing/location.ts'
import { pageAddress } from '../routing/route.ts'
import { barWords, slotSentence } from '../words/slot-words.ts'
import { SlotStrip } from './slot-strip.tsx'
import { SlotTip } from './slot-tip.tsx'

/**
 * The last slots of a check in a region. One tab stop: arrow keys walk the slots, Enter opens the
 * run, Escape closes the tip. For assistive technology it is a slider over time, the one pattern
 * whose arrow keys reach the page and whose value is said in words.
 */
export function SlotBar(props: { subject: string; slots: readonly SlotSummary[] }) {
  const { subject, slots } = props
  const element = useRef<HTMLDivElement>(null)
  // By its instant, not its place: live slots come in and push the others to the left.
  const [pointedSlot, setPointedSlot] = useState<number>()
  const found = slots.findIndex((slot) => slot.slotAt === pointedSlot)
  const pointedAt = pointedSlot === undefined ? undefined : Math.max(0, found)
  const pointed = pointedAt === undefined ? undefined : slots[pointedAt]
  const newest = slots.length - 1
  const current = slots[pointedAt ?? newest]

  const point = (index: number) =>
    setPointedSlot(slots[Math.min(newest, Math.max(0, index))]?.slotAt)
  const leave = () => setPointedSlot(undefined)

  function placeAt(clientX: number): number {
    const box = element.current?.getBoundingClientRect()
    if (!box || box.width === 0) return newest
    const cell = Math.floor(((clientX - box.left) / box.width) * BAR_SLOTS)
    return cell - (BAR_SLOTS - slots.length)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const from = pointedAt ?? newest
    const target = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: newest }[event.key]
    if (target !== undefined) point(target)
    else if (event.key === 'Enter' && current?.runId) navigate(pageAddress.run(current.runId))
    else if (event.key === 'Escape') leave()
    else return
    event.preventDefault()
  }

  function onClick(event: MouseEvent): void {
    const index = placeAt(event.clientX)
    const slot = slots[index]
    // A finger first sees what it points at; the tip then has the link.
    const isMouse = (event as PointerEvent).pointerType === 'mouse'
    if (slot?.runId && isMouse) navigate(pageAddress.run(slot.runId))
    else point(index)
  }

  return (
    <div
      class="slot-bar-frame"
      onPointerLeave={(event) => event.pointerType === 'mouse' && leave()}
    >
      <div
        ref={element}
        class="slot-bar"
        role="slider"
        tabIndex={0}
        aria-label={`${subject}, ${barWords(slots)}`}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, slots.length)}
        aria-valuenow={Math.max(1, (pointedAt ?? newest) + 1)}
        aria-valuetext={current ? slotSentence(current) : 'no slot yet'}
        aria-readonly="true"
        onKeyDown={onKeyDown}
        onFocus={() => pointedSlot === undefined && point(newest)}
        onBlur={leave}
        onPointerMove={(event) => event.pointerType === 'mouse' && point(placeAt(event.clientX))}
        onClick={onClick}
      >
        <SlotStrip slots={slots} room={BAR_SLOTS} pointedAt={pointedAt} />
      </div>
      {pointed && pointedAt !== undefined && (
        <SlotTip
          slot={pointed}
          place={BAR_SLOTS - slots.length + pointedAt}
          opensTo={isLeftOfMiddle(element.current) ? 'right' : 'left'}
        />
      )}
    </div>
  )
}

function isLeftOfMiddle(bar: Element | null): boolean {
  if (!bar) return true
  const box = bar.getBoundingClientRect()
  return box.left + box.right < window.innerWidth
}
