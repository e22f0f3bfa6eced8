import type { SlotSummary } from '../../protocol/public-api.ts'
import { SLOT_STATES, slotStateOf } from '../words/slot-words.ts'
import { CELL_HEIGHT, CELL_WIDTH, SLOT_SHAPES } from './slot-shapes.ts'

/** The drawing of a slot bar: the newest slot at the right edge. It says nothing by itself. */
export function SlotStrip(props: {
  slots: readonly SlotSummary[]
  /** How many cells it has room for. */
  room: number
  /** Place of the slot that is pointed at. */
  pointedAt: number | undefined
}) {
  const { slots, room, pointedAt } = props
  const left = (index: number) => (room - slots.length + index) * CELL_WIDTH
  return (
    <svg
      class="slot-strip"
      viewBox={`0 0 ${room * CELL_WIDTH} ${CELL_HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {SLOT_STATES.map((state) => {
        const shapes = slots
          .map((slot, index) =>
            slotStateOf(slot) === state ? SLOT_SHAPES[state](left(index)) : '',
          )
          .join('')
        return shapes === '' ? null : <path key={state} class={`slot-${state}`} d={shapes} />
      })}
      {pointedAt !== undefined && (
        <rect
          class="slot-pointer"
          x={left(pointedAt)}
          y="0"
          width={CELL_WIDTH}
          height={CELL_HEIGHT}
        />
      )}
    </svg>
  )
}
