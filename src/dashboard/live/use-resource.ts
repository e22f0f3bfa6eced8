import { useEffect, useState } from 'preact/hooks'
import type { LiveEvent } from '../../protocol/public-api.ts'
import { browserClock } from './browser-clock.ts'
import { fetchJson, type LoadProblem } from './fetch-json.ts'
import { createPacedTask } from './paced-task.ts'
import { pageConnection } from './page-connection.ts'

/** However many hints come, data is loaded again at most so often. */
export const RELOAD_GAP_MS = 1_000

/** Loaded again so often without any hint: events are hints, not the record. */
const RELOAD_EVERY_MS = 60_000

/** Events kept while an answer is under way, to be applied to it; more than these, and it is loaded again. */
const EVENTS_KEPT_MAX = 2_000

export type Resource<T> = {
  /** What was loaded last; undefined before the first answer. */
  data: T | undefined
  /** Why the last load failed; the data, if any, is older. */
  problem: LoadProblem | undefined
  reload(): void
}

export type FollowOptions<T> = {
  /** Changes the data by an event; the same object when it does not. */
  apply?: (data: T, event: LiveEvent) => T
  /** How long after the last load an event asks for another; undefined when it does not. */
  reloadGapMs?: (event: LiveEvent) => number | undefined
}

/**
 * Data of the public interface that stays fresh: loaded, changed by events, and loaded again when an
 * event asks for it, when events were missed, and from time to time.
 *
 * @param address nothing is loaded while it is undefined.
 */
export function useResource<T>(
  address: string | undefined,
  options: FollowOptions<T> = {},
): Resource<T> {
  const [loaded, setLoaded] = useState<Resource<T> & { address: string | undefined }>({
    address,
    data: undefined,
    problem: undefined,
    reload: nothingToReload,
  })
  useEffect(() => {
    if (address === undefined) return
    return follow<T>(address, options, (data, problem, reload) =>
      setLoaded({ address, data, problem, reload }),
    )
    // The options are functions of the page, the same in each rendering.
  }, [address])
  // After the address changed, the data of the old one must not show for a single frame.
  return loaded.address === address
    ? loaded
    : { data: undefined, problem: undefined, reload: nothingToReload }
}

const nothingToReload = () => undefined

type Show<T> = (data: T | undefined, problem: LoadProblem | undefined, reload: () => void) => void

function follow<T>(address: string, options: FollowOptions<T>, show: Show<T>): () => void {
  const stop = new AbortController()
  let data: T | undefined
  let problem: LoadProblem | undefined
  let during: LiveEvent[] | undefined

  const apply = (to: T, events: readonly LiveEvent[]): T =>
    options.apply ? events.reduce(options.apply, to) : to

  async function load(): Promise<void> {
    if (during) return reload.ask(RELOAD_GAP_MS)
    during = []
    const answer = await fetchJson<T>(address, stop.signal)
    const missed = during
    during = undefined
    if (stop.signal.aborted) return
    if ('problem' in answer) problem = answer.problem
    else {
      problem = undefined
      data = apply(answer.data, missed)
      pageConnection.heard()
      if (missed.length > EVENTS_KEPT_MAX) reload.ask(RELOAD_GAP_MS)
    }
    show(data, problem, now)
  }

  const reload = createPacedTask(() => void load(), browserClock)
  const now = () => reload.ask(RELOAD_GAP_MS)
  const ends = [
    pageConnection.onMissed(now),
    pageConnection.onEvents((events) => {
      if (during && during.length <= EVENTS_KEPT_MAX) during.push(...events)
      if (data !== undefined) {
        const changed = apply(data, events)
        if (changed !== data) {
          data = changed
          show(data, problem, now)
        }
      }
      for (const event of events) {
        const gapMs = options.reloadGapMs?.(event)
        if (gapMs !== undefined) reload.ask(gapMs)
      }
    }),
  ]
  const timer = setInterval(now, RELOAD_EVERY_MS)
  now()
  return () => {
    stop.abort()
    clearInterval(timer)
    reload.cancel()
    for (const end of ends) end()
  }
}
