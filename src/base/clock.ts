/**
 * Time as an argument. Production code gets the system's clock (`runtime/system-clock.ts`), tests a
 * clock that they move.
 */
export type Clock = {
  /** Wall-clock time in epoch milliseconds. May jump. For instants, never for durations. */
  now(): number
  /** Milliseconds since an arbitrary start, as a float that never goes backwards. For durations. */
  monotonic(): number
}
