/**
 * Lets somebody wait who can be woken. Cheaper than aborting a signal for it, which makes an error with
 * a stack each time.
 */
export type WakeUp = {
  /** Ends the wait under way, or the next one when nobody waits. */
  wake(): void
  /** Resolves when woken, when `ms` have passed, or when the signal aborts; never rejects. */
  wait(signal: AbortSignal, ms?: number): Promise<void>
}

export function createWakeUp(): WakeUp {
  let isWoken = false
  let end: (() => void) | undefined

  return {
    wake() {
      isWoken = true
      end?.()
    },
    async wait(signal, ms) {
      if (!isWoken && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
        const stop = () => resolve()
        signal.addEventListener('abort', stop, { once: true })
        end = resolve
        await promise
        end = undefined
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
      }
      isWoken = false
    },
  }
}
