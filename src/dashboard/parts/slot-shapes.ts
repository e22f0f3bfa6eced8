import type { SlotState } from '../words/slot-words.ts'

/**
 * The shape of each state, so that a bar can be read without colours. A cell is
 * {@link CELL_WIDTH} wide and {@link CELL_HEIGHT} high; `x` is its left edge. Shapes of one state
 * are put into one path: a page has thousands of cells.
 */
export const CELL_WIDTH = 8
export const CELL_HEIGHT = 24

export const SLOT_SHAPES: { readonly [S in SlotState]: (x: number) => string } = {
  // A full bar.
  passed: (x) => `M${x + 1} 3h6v20h-6z`,
  // A three-quarter bar.
  degraded: (x) => `M${x + 1} 8h6v15h-6z`,
  // A full bar with a notch.
  failed: (x) => `M${x + 1} 3l3 8l3 -8v20h-6z`,
  // A diamond.
  probe_fault: (x) => `M${x + 4} 6l3.5 7.5l-3.5 7.5l-3.5 -7.5z`,
  // A hollow bar.
  missed: (x) => `M${x + 1.5} 3.5h5v19h-5z`,
  // A small dot on the ground line.
  awaited: (x) => `M${x + 2.5} 20.5a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0z`,
  // Hatched.
  skipped: (x) => `M${x + 1} 11l6 -7M${x + 1} 17l6 -7M${x + 1} 23l6 -7`,
}
