import { AppError } from '../base/app-error.ts'
import { describeDuration } from '../base/duration.ts'
import type { RunOnceOptions } from '../probe/run-once.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Environment } from '../runtime/environment.ts'

/** How somebody wants to look on while a journey runs. */
export type WatchOptions = {
  headed?: true
  /** In milliseconds. */
  slowMo?: number
  debug?: true
  trace?: true
  video?: true
  repeat: number
}

export type WatchedRun = {
  check: ProbedCheck
  browser: NonNullable<RunOnceOptions['browser']>
  /** What whoever looks on should know before the run, a line each. */
  notes: string[]
}

/** Who goes through a journey by hand is not hurried; Ctrl-C ends it. */
const DEBUG_MS = 24 * 60 * 60 * 1_000
const DEBUG_NOTE =
  "Playwright's inspector stops before the first action: step over it, or resume. No time limit holds; Ctrl-C ends the run."
/** A trace has the requests and the console already. */
const TRACE = ['trace.zip'] as const
const VIDEO = ['video.webm'] as const
/** Slowed down, a journey may take this many times as long as it otherwise may. */
const SLOW_TIMES = 10

/**
 * The check as it is run while somebody watches: with time for that.
 *
 * @throws {AppError} `definitions.invalid` when there is nothing to watch, `environment.invalid` when
 *   there is no display to show it on.
 */
export function watchedRun(
  check: ProbedCheck,
  options: WatchOptions,
  { environment, platform }: { environment: Environment; platform: NodeJS.Platform },
): WatchedRun {
  const { headed, slowMo, debug, trace, video, repeat } = options
  const [asked] =
    Object.entries({ debug, 'slow-mo': slowMo, headed, trace, video }).find(
      ([, value]) => value !== undefined,
    ) ?? []
  if (asked === undefined) return { check, browser: {}, notes: [] }
  if (check.kind !== 'journey')
    throw refusal(`--${asked}: ${check.id} is of the kind ${check.kind}, which has no browser`)
  if (debug && repeat > 1) throw refusal('--debug goes through one run; leave out --repeat')
  if (headed || debug) requireDisplay(`--${debug ? 'debug' : 'headed'}`, { environment, platform })
  const recorded = [...(trace ? TRACE : []), ...(video ? VIDEO : [])]
  const browser = {
    isHeaded: headed === true || debug === true,
    slowMoMs: slowMo,
    isDebugged: debug === true,
    recorded,
  }
  const notes = recorded.length > 0 ? ['recorded: times are slower than measured ones'] : []
  const { retry: _, ...once } = check
  if (debug)
    return {
      check: { ...once, timeoutMs: DEBUG_MS },
      browser,
      notes: [...notes, DEBUG_NOTE],
    }
  if (slowMo === undefined) return { check, browser, notes }
  return {
    check: { ...check, timeoutMs: Math.min(check.timeoutMs * SLOW_TIMES, DEBUG_MS) },
    browser,
    notes: [
      ...notes,
      `each action waits ${describeDuration(slowMo)} first: the times are not the target's, and the time limit is ${SLOW_TIMES} times as long`,
    ],
  }
}

/**
 * Elsewhere than on Linux the system has a display, and says so itself when it has none.
 *
 * @param what shows a window.
 * @throws {AppError} `environment.invalid`
 */
export function requireDisplay(
  what: string,
  { environment, platform }: { environment: Environment; platform: NodeJS.Platform },
): void {
  if (platform !== 'linux' || environment.DISPLAY || environment.WAYLAND_DISPLAY) return
  throw new AppError(
    'environment.invalid',
    `${what} shows a window, and there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Run it on a desktop, or with xvfb-run where nobody has to see it`,
  )
}

const refusal = (message: string) => new AppError('definitions.invalid', message)
