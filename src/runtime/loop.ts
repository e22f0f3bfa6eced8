import { messageOf } from '../base/app-error.ts'
import { waitFor } from './deadline.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'

export type Loop<Parts> = {
  name: string
  /** Pause between passes. */
  everyMs: number
  /** A pass that takes longer is aborted. */
  deadlineMs: number
  /** One pass. Throwing ends the pass, not the loop. */
  run(parts: Parts, signal: AbortSignal): Promise<void>
}

/** Declares a background duty; types only, so that each loop file reads the same. */
export function defineLoop<Parts>(loop: Loop<Parts>): Loop<Parts> {
  return loop
}

export type RunningLoop = {
  /** Starts the next pass at once instead of after the pause; during a pass, right after it. */
  wake(): void
}

/** Runs passes one after the other until the lifecycle stops; waits then for the pass under way. */
export function startLoop<Parts>(
  loop: Loop<Parts>,
  parts: Parts,
  { lifecycle, logger }: { lifecycle: Lifecycle; logger: Logger },
): RunningLoop {
  let wakeUp = new AbortController()
  let isWoken = false

  async function passes(): Promise<void> {
    while (!lifecycle.signal.aborted) {
      isWoken = false
      const signal = AbortSignal.any([lifecycle.signal, AbortSignal.timeout(loop.deadlineMs)])
      try {
        await loop.run(parts, signal)
      } catch (error) {
        // The next pass tries again; what was not saved is still due.
        if (!lifecycle.signal.aborted)
          logger.error({ loop: loop.name, error: messageOf(error) }, 'loop pass failed')
      }
      if (isWoken) continue
      wakeUp = new AbortController()
      await waitFor(loop.everyMs, AbortSignal.any([lifecycle.signal, wakeUp.signal]))
    }
  }

  const running = passes()
  lifecycle.onStop(`loop ${loop.name}`, () => running)
  return {
    wake() {
      isWoken = true
      wakeUp.abort()
    },
  }
}
