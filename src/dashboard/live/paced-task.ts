import type { Clock } from '../../base/clock.ts'

/** Something that may be asked for often, and runs at most every so often. */
export type PacedTask = {
  /** Runs it at once, or as soon as `gapMs` have passed since it last ran. */
  ask(gapMs: number): void
  cancel(): void
}

/** Runs `task` when asked, never twice within the gap that the asker wants, and never not at all. */
export function createPacedTask(task: () => void, clock: Clock): PacedTask {
  let lastAt = Number.NEGATIVE_INFINITY
  let dueAt: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const cancel = () => {
    clearTimeout(timer)
    dueAt = undefined
  }
  return {
    ask(gapMs) {
      const wantedAt = Math.max(clock.monotonic(), lastAt + gapMs)
      if (dueAt !== undefined && dueAt <= wantedAt) return
      cancel()
      dueAt = wantedAt
      timer = setTimeout(() => {
        dueAt = undefined
        lastAt = clock.monotonic()
        task()
      }, wantedAt - clock.monotonic())
    },
    cancel,
  }
}
