import { SLOT_STATES, SLOT_WORDS, type SlotState } from '../words/slot-words.ts'
import { CELL_HEIGHT, CELL_WIDTH, SLOT_SHAPES } from './slot-shapes.ts'

/** What the shapes of the bars mean. */
export function SlotLegend() {
  return (
    <ul class="legend" aria-label="What the shapes mean">
      {SLOT_STATES.map((state) => (
        <li key={state} title={SLOT_WORDS[state].meaning}>
          <SlotShape state={state} /> {SLOT_WORDS[state].word}
        </li>
      ))}
    </ul>
  )
}

function SlotShape({ state }: { state: SlotState }) {
  return (
    <svg
      class="slot-shape"
      viewBox={`0 0 ${CELL_WIDTH} ${CELL_HEIGHT}`}
      width={CELL_WIDTH * 0.75}
      height={CELL_HEIGHT * 0.75}
      aria-hidden="true"
    >
      <path class={`slot-${state}`} d={SLOT_SHAPES[state](0)} />
    </svg>
  )
}
