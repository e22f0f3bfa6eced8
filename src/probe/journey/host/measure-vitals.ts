/** What a document says of itself, in milliseconds since its navigation began (cls has no unit). */
export type VitalsReport = {
  /** Tells documents apart: when the navigation began, epoch milliseconds. */
  document: number
  /** What the navigation led to; routes that a page makes up later do not change it. */
  url?: string
  ttfbMs?: number
  fcpMs?: number
  lcpMs?: number
  inpMs?: number
  cls?: number
  domReadyMs?: number
  loadMs?: number
}

/** Reports of one document; a page that never comes to rest could send them without end. */
const REPORTS_MAX = 200
/** Interactions shorter than this are not told by the browser; it is the least that it allows. */
const INTERACTION_MS_MIN = 16
/**
 * Until a document has loaded, what is painted waits this long for what else there is to tell: each
 * report takes the browser and us as much as a small action of the journey.
 */
const GATHER_MS = 50

export type MeasureVitals = {
  binding: string
  reportsMax: number
  interactionMsMin: number
  gatherMs: number
}

export const measureVitalsOptions = (binding: string): MeasureVitals => ({
  binding,
  reportsMax: REPORTS_MAX,
  interactionMsMin: INTERACTION_MS_MIN,
  gatherMs: GATHER_MS,
})

/**
 * Runs in each document before its own code, and reports whenever something new is known: a document
 * that is left cannot be asked any more. It uses nothing from outside of it, because its text is sent to
 * the browser.
 */
export function measureVitals(options: MeasureVitals): void {
  type Observer = { observe(options: object): void }
  type Observe = new (see: (list: { getEntries(): PerformanceEntry[] }) => void) => Observer
  const page: Record<string, unknown> = globalThis as object as Record<string, unknown>
  const { binding, reportsMax } = options
  const send = page[binding]
  if (typeof send !== 'function') return
  // The page's own code must neither see nor call it.
  Reflect.deleteProperty(page, binding)
  const Observing = page.PerformanceObserver as Observe | undefined
  if (page.top !== page.window || Observing === undefined) return
  const known: Record<string, number> = { document: performance.timeOrigin }
  const url = performance
    .getEntries()
    .find((entry) => String(entry.entryType) === 'navigation')?.name
  const { setTimeout, clearTimeout } = globalThis
  let reports = 0
  let gathering: ReturnType<typeof setTimeout> | undefined
  let hasNews = false
  const report = () => {
    clearTimeout(gathering)
    gathering = undefined
    if (!hasNews) return
    hasNews = false
    reports++
    if (reports <= reportsMax) Promise.resolve(send({ ...known, url })).catch(() => undefined)
  }
  const learn = (key: string, value: number) => {
    if (known[key] === value) return
    known[key] = value
    hasNews = true
  }
  const numberOf = (entry: PerformanceEntry, key: string) => Number(Reflect.get(entry, key) ?? 0)

  // The largest burst of shifts, each at most 1 s after the one before, all within 5 s.
  let burst = { startedAt: 0, lastAt: 0, value: 0 }
  const see: Record<string, (entry: PerformanceEntry) => void> = {
    paint(entry) {
      if (entry.name === 'first-contentful-paint') learn('fcpMs', entry.startTime)
    },
    'largest-contentful-paint': (entry) => learn('lcpMs', entry.startTime),
    'layout-shift'(entry) {
      if (Reflect.get(entry, 'hadRecentInput') === true) return
      const at = entry.startTime
      if (at - burst.lastAt > 1_000 || at - burst.startedAt > 5_000)
        burst = { startedAt: at, lastAt: at, value: 0 }
      burst.lastAt = at
      burst.value += numberOf(entry, 'value')
      learn('cls', Math.max(known.cls ?? 0, burst.value))
    },
    event(entry) {
      if (numberOf(entry, 'interactionId') > 0)
        learn('inpMs', Math.max(known.inpMs ?? 0, entry.duration))
    },
    navigation(entry) {
      const ttfb = numberOf(entry, 'responseStart')
      const ready = numberOf(entry, 'domContentLoadedEventEnd')
      const load = numberOf(entry, 'loadEventEnd')
      if (ttfb > 0) learn('ttfbMs', ttfb)
      if (ready > 0) learn('domReadyMs', ready)
      if (load > 0) learn('loadMs', load)
    },
  }
  // One observer for all: what is known in the same moment is one report.
  const observer = new Observing((list) => {
    for (const entry of list.getEntries()) see[entry.entryType]?.(entry)
    if (known.loadMs !== undefined) report()
    else gathering ??= setTimeout(report, options.gatherMs)
  })
  for (const type of Object.keys(see))
    try {
      const limits = type === 'event' ? { durationThreshold: options.interactionMsMin } : {}
      observer.observe({ type, buffered: true, ...limits })
    } catch {
      // This engine does not know the entry; then there is no such number.
    }
}
