import { constants, setPriority } from 'node:os'

/** For a process whose own clock is the truth: what it logs must be what happened on a busy machine. */
export function raisePriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST)
  } catch {
    // Only root may; then the truth is a little less exact for everyone who is compared.
  }
}
