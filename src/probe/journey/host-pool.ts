import { messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import { type BrowserChoice, USUAL_BROWSER } from '../find-browser.ts'
import { type HostLimits, hostLimits, whyReplace } from './host-limits.ts'
import { createHostStarter, type HostStarter, isSameBrowser } from './host-starter.ts'
import type { HostProgram, JourneyHost } from './journey-host.ts'
import type { JourneyHostsParts } from './journey-hosts.ts'
import { createSingleUseHosts } from './single-use-hosts.ts'

type UseHost = <T>(
  needs: HostNeeds,
  stopping: AbortSignal,
  body: (host: JourneyHost) => Promise<T>,
) => Promise<T>

/** Warm hosts, lent to one run at a time. */
export type HostPool = {
  /** Waits for a ready host, lends it, and takes care of it afterwards. */
  use: UseHost
  /** Waits for a place, and makes a host for one test file in it, which ends with the body. */
  useForTestFile: UseHost
  browser(): string
  stop(): Promise<void>
}

/** What a run's host must be like. */
export type HostNeeds = {
  /** It has done no other run. */
  isFresh: boolean
  browser: BrowserChoice
}

/** The scheduler keeps to our capacity: more waiting than this means that something is stuck. */
const WAITING_RUNS_MAX = 20
const WAITING_MS = 30_000
/** How often hosts that have nothing to do are looked at. */
const TEND_MS = 60_000

/**
 * A place for one host. Taken from the moment that a run gets it until its host is ready for
 * another, or a fresh one is on its way. After a violation and after enough runs the next host is
 * started at once, so that no run waits for a browser; after a start that failed, only when a run
 * needs it, so that a broken browser is not started in a loop.
 */
type Place = {
  isTaken: boolean
  host: JourneyHost | undefined
  /** What the host runs, or the one that is being started. */
  browser: BrowserChoice
  starting: Promise<JourneyHost> | undefined
}

type Waiting = { take(place: Place): void; giveUp(error: CheckError): void }

const emptyPlace = (): Place => ({
  isTaken: false,
  host: undefined,
  browser: USUAL_BROWSER,
  starting: undefined,
})

const stopped = () => new CheckError('probe.interrupted', 'the probe stopped')

export function createHostPool(parts: JourneyHostsParts): HostPool {
  const places = Array.from({ length: parts.count }, emptyPlace)
  const queue = createQueue(places)
  const limits = hostLimits(parts.limits)
  const starter = createHostStarter(parts, limits)
  const keeper = createKeeper(parts, starter, limits)
  const singleUse = createSingleUseHosts()

  /** Frees the place as soon as its host can do more, or a fresh one is on its way. */
  async function giveBack(place: Place): Promise<void> {
    const { host } = place
    if (host) {
      await host.cleared()
      await keeper.replaceWorn(place, host)
    }
    queue.release(place)
  }

  /** Replaces hosts that became unfit, old or large while they had nothing to do. */
  async function tend(): Promise<void> {
    for (const place of queue.takeIdle()) {
      if (place.host) await keeper.replaceWorn(place, place.host)
      queue.release(place)
    }
  }

  const tending = setInterval(() => void tend(), TEND_MS)
  tending.unref()

  if (parts.isCold !== true) for (const place of places) keeper.warm(place)
  return {
    async use(needs, stopping, body) {
      const place = await queue.take(needs.browser, stopping)
      try {
        const host = await keeper.readyHost(place, needs)
        if (stopping.aborted) throw stopped()
        const stop = () => void host.stop()
        stopping.addEventListener('abort', stop)
        return await body(host).finally(() => stopping.removeEventListener('abort', stop))
      } finally {
        void giveBack(place)
      }
    },
    async useForTestFile({ browser }, stopping, body) {
      const place = await queue.take(browser, stopping)
      try {
        const host = await keeper.startHost(browser, 'test-file')
        return await singleUse.use(host, stopping, body)
      } finally {
        queue.release(place)
      }
    },
    browser: starter.browser,
    async stop() {
      clearInterval(tending)
      queue.clear()
      await Promise.all([keeper.stop(places), singleUse.stop()])
    },
  }
}

/** Starts, replaces and clears away the hosts of places. */
function createKeeper(parts: JourneyHostsParts, starter: HostStarter, limits: HostLimits) {
  const leaving = createLeaving()
  let hasStopped = false

  async function startHost(browser: BrowserChoice, program?: HostProgram): Promise<JourneyHost> {
    const host = await starter.start(browser, program)
    if (!hasStopped) return host
    await host.stop()
    throw stopped()
  }

  async function startIn(place: Place): Promise<JourneyHost> {
    place.host = await startHost(place.browser)
    return place.host
  }

  function discard(place: Place): void {
    if (place.host) leaving.add(place.host.stop())
    place.host = undefined
  }

  function freshHost(place: Place): Promise<JourneyHost> {
    discard(place)
    place.starting ??= startIn(place).finally(() => {
      place.starting = undefined
    })
    return place.starting
  }

  async function readyHost(place: Place, needs?: HostNeeds): Promise<JourneyHost> {
    if (needs && !isSameBrowser(needs.browser, place.browser)) {
      // What is being started for somebody else comes first, and then goes.
      await place.starting?.catch(() => undefined)
      discard(place)
      place.browser = needs.browser
    }
    const isUsable =
      (place.host?.state === 'ready' || place.host?.state === 'starting') &&
      place.host.unfit === undefined &&
      (needs?.isFresh !== true || place.host.runs === 0)
    const host = place.host && isUsable ? place.host : await (place.starting ?? freshHost(place))
    try {
      await host.ready()
    } catch (error) {
      starter.forget(place.browser)
      throw error
    }
    return host
  }

  function warm(place: Place): void {
    readyHost(place).catch((error: unknown) => {
      // The run that needs it tries once more, and reports what is wrong.
      if (!hasStopped) parts.logger.warn({ error: messageOf(error) }, 'no journey host')
    })
  }

  return {
    startHost,
    readyHost,
    warm,
    async replaceWorn(place: Place, host: JourneyHost): Promise<void> {
      const why = whyReplace(await host.wear(), limits)
      if (why === undefined || hasStopped || place.host !== host) return
      parts.logger.info({ why }, 'journey host replaced')
      discard(place)
      if (host.runs > 0) warm(place)
    },
    async stop(places: readonly Place[]): Promise<void> {
      hasStopped = true
      await Promise.allSettled(places.map((place) => place.starting))
      for (const place of places) discard(place)
      await leaving.all()
    },
  }
}

/** Hosts that are being cleared away. */
function createLeaving() {
  const leaving = new Set<Promise<void>>()
  return {
    add(gone: Promise<void>): void {
      leaving.add(gone)
      void gone.finally(() => leaving.delete(gone))
    },
    all: () => Promise.all(leaving),
  }
}

/** First come, first served. */
function createQueue(places: readonly Place[]) {
  const waiting: Waiting[] = []

  function wait(stopping: AbortSignal): Promise<Place> {
    const given = Promise.withResolvers<Place>()
    const entry: Waiting = { take: given.resolve, giveUp: given.reject }
    const leave = (error: CheckError) => {
      const index = waiting.indexOf(entry)
      if (index >= 0) waiting.splice(index, 1)
      given.reject(error)
    }
    const giveUp = () => leave(stopped())
    const limit = setTimeout(() => leave(overload()), WAITING_MS)
    stopping.addEventListener('abort', giveUp)
    waiting.push(entry)
    return given.promise.finally(() => {
      clearTimeout(limit)
      stopping.removeEventListener('abort', giveUp)
    })
  }

  return {
    async take(browser: BrowserChoice, stopping: AbortSignal): Promise<Place> {
      if (stopping.aborted) throw stopped()
      const free = places.filter((place) => !place.isTaken)
      const fitting = free.filter((place) => isSameBrowser(place.browser, browser))
      const place = fitting.find(({ host }) => host?.state === 'ready') ?? fitting[0] ?? free[0]
      if (!place) {
        if (waiting.length >= WAITING_RUNS_MAX) throw overload()
        return wait(stopping)
      }
      place.isTaken = true
      return place
    },
    /** Takes every place that nobody has and whose host is ready. */
    takeIdle(): Place[] {
      const idle = places.filter(({ isTaken, host }) => !isTaken && host?.state !== 'starting')
      for (const place of idle) place.isTaken = true
      return idle
    },
    release(place: Place): void {
      const next = waiting.shift()
      if (next) next.take(place)
      else place.isTaken = false
    },
    clear(): void {
      for (const entry of waiting.splice(0)) entry.giveUp(stopped())
    },
  }
}

const overload = () =>
  new CheckError('probe.overload', 'no browser became free in time: this probe has too much to do')
