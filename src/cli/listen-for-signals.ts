/** As shells count: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

export type SignalWatch = {
  /** Aborts at the first signal. */
  signal: AbortSignal
  /** What to exit with; undefined when no signal came. */
  exitCode(): number | undefined
  stopListening(): void
}

/** Ctrl-C ends what is under way, and then the command: nothing must stay behind. */
export function listenForSignals(): SignalWatch {
  const controller = new AbortController()
  let exitCode: number | undefined
  const removals = Object.entries(EXIT_CODES).map(([name, code]) => {
    const listener = () => {
      exitCode = code
      controller.abort()
    }
    process.on(name, listener)
    return () => process.off(name, listener)
  })
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    stopListening() {
      for (const remove of removals) remove()
    },
  }
}
