/**
 * The path of a small line through values, within a box of one unit a value in width and `height`
 * high. A null leaves a gap; a value alone between gaps is a dot.
 */
export function sparkPath(values: readonly (number | null)[], max: number, height: number): string {
  let path = ''
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const x = index + 0.5
    const y = Math.round((height - (max === 0 ? 0 : (value / max) * height)) * 100) / 100
    const isJoined = index > 0 && values[index - 1] !== null
    const isAlone = !isJoined && (values[index + 1] ?? null) === null
    path += isJoined ? `L${x} ${y}` : isAlone ? `M${x} ${y}h0.01` : `M${x} ${y}`
  }
  return path
}
