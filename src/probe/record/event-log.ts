import type { Page } from 'playwright'
import type { Clock } from '../../base/clock.ts'
import { maskPairs } from '../../runtime/mask-secrets.ts'
import { actionWords } from './action-source.ts'
import {
  type Recorded,
  RecordedAction,
  type RecordedEvent,
  type SecretInput,
  type SeenElement,
} from './recorded-event.ts'
import type { SeenNavigation } from './watch-navigations.ts'
import type { PageReport } from './watch-page.ts'

/** An hour of busy clicking; a journey of this length is none. */
const EVENTS_MAX = 2_000
const SECRET_INPUTS_MAX = 100
const VALUES_PER_INPUT_MAX = 500
const ORDERS_MAX = 10
const SEEN_WAITING_MAX = 20
/**
 * Playwright keeps a click back for half a second, to see whether it becomes a double one: what the click
 * leads to is known before it.
 */
const CLICK_HELD_MS = 1_000

/** Paths of requests that may order something. */
const ORDER = /(^|[/_-])(orders?|checkouts?|pay|payments?|purchases?|buy)([/_-]|$)/i

type Entry =
  | { kind: 'action'; page: Page; action: RecordedAction; seen?: SeenElement | undefined }
  | ({ kind: 'navigation'; page: Page; title: string } & SeenNavigation)

type Window = {
  /** How the recorder calls it. */
  guid: string | undefined
  clickedAt: number | undefined
  /** What a click that we have not been told of yet led to. */
  held: Extract<Entry, { kind: 'navigation' }>[]
  seen: SeenElement[]
  last: Extract<Entry, { kind: 'navigation' }> | undefined
  /** What its document was called when it told of that last. */
  titled: { url: string; title: string } | undefined
}

/** Brings what several sources tell of a browser into the order in which it happened. */
export type EventLog = {
  /** The recorder's line for an action that is new, or that says more of the last one. */
  acted(page: Page, line: string, how: 'new' | 'again'): void
  navigated(page: Page, navigation: SeenNavigation): void
  reported(page: Page, report: PageReport): void
  requested(method: string, url: string): void
  closed(page: Page): void
  recorded(): Recorded & { isCut: boolean }
}

export function createEventLog(
  url: string,
  { clock, onAction }: { clock: Clock; onAction(words: string): void },
): EventLog {
  const entries: Entry[] = []
  const windows = new Map<Page, Window>()
  const secretInputs = new Map<string, SecretInput>()
  const orders = new Set<string>()
  let isCut = false

  function windowOf(page: Page): Window {
    const known = windows.get(page)
    if (known) return known
    const opened: Window = {
      guid: undefined,
      clickedAt: undefined,
      held: [],
      seen: [],
      last: undefined,
      titled: undefined,
    }
    windows.set(page, opened)
    return opened
  }

  function push(...more: Entry[]): void {
    isCut ||= entries.length + more.length > EVENTS_MAX
    if (!isCut) entries.push(...more)
  }

  function add(page: Page, action: RecordedAction): void {
    const window = windowOf(page)
    window.guid = action.pageGuid
    const seen = isAsking(action, window.seen[0]) ? (window.seen.shift() ?? {}) : undefined
    const held = window.held.splice(0)
    const isClick = ['click', 'check', 'uncheck'].includes(action.name)
    const ledThere =
      isClick &&
      window.clickedAt !== undefined &&
      clock.monotonic() - window.clickedAt < CLICK_HELD_MS
    if (isClick) window.clickedAt = undefined
    const entry = { kind: 'action' as const, page, action, ...(seen && { seen }) }
    if (!['openPage', 'closePage'].includes(action.name))
      onAction(withoutSecrets(actionWords({ ...entry, page: action.pageGuid }), secretInputs))
    push(...(ledThere ? [entry, ...held] : [...held, entry]))
  }

  return {
    acted(page, line, how) {
      const action = readAction(line)
      // Where a window goes, and that it is closed, is told by the browser itself.
      if (!action || ['navigate', 'closePage'].includes(action.name)) return
      if (how === 'new') add(page, action)
      else {
        const last = entries.findLast((entry) => entry.kind === 'action' && entry.page === page)
        if (last?.kind === 'action') last.action = action
      }
    },
    navigated(page, navigation) {
      const window = windowOf(page)
      const { titled } = window
      const title = titled?.url === navigation.url ? titled.title : ''
      const entry = { kind: 'navigation' as const, page, title, ...navigation }
      window.last = entry
      const { clickedAt } = window
      if (clickedAt !== undefined && clock.monotonic() - clickedAt < CLICK_HELD_MS)
        window.held.push(entry)
      else push(entry)
    },
    reported(page, report) {
      const window = windowOf(page)
      if (report.kind === 'clicked') window.clickedAt = clock.monotonic()
      if (report.kind === 'seen' && window.seen.length < SEEN_WAITING_MAX)
        window.seen.push(report.seen)
      if (report.kind === 'secret') keepSecret(secretInputs, report)
      if (report.kind !== 'title') return
      window.titled = report
      if (window.last?.url === report.url) window.last.title = report.title
    },
    requested(method, address) {
      if (['GET', 'HEAD', 'OPTIONS'].includes(method) || !URL.canParse(address)) return
      const { origin, pathname } = new URL(address)
      if (ORDER.test(pathname) && orders.size < ORDERS_MAX)
        orders.add(`${method} ${origin}${pathname}`)
    },
    closed(page) {
      const { clickedAt, guid } = windowOf(page)
      // Playwright forgets a click that it still keeps back when its window closes.
      const isLost = clickedAt !== undefined && clock.monotonic() - clickedAt < CLICK_HELD_MS
      for (const name of isLost ? ['lostClick', 'closePage'] : ['closePage'])
        if (guid !== undefined)
          push({ kind: 'action', page, action: { name, pageGuid: guid, signals: [] } })
    },
    recorded() {
      for (const { held } of windows.values()) push(...held.splice(0))
      const events = entries.flatMap((entry) => eventOf(entry, windowOf(entry.page).guid))
      return { url, events, secretInputs: [...secretInputs.values()], orders: [...orders], isCut }
    },
  }
}

/** A window in which nothing was done has no name, and does not matter. */
const eventOf = (entry: Entry, page: string | undefined): RecordedEvent[] =>
  page === undefined ? [] : [{ ...entry, page }]

function withoutSecrets(words: string, inputs: ReadonlyMap<string, SecretInput>): string {
  const pairs = [...inputs.values()].flatMap(({ field, values }) =>
    values.map((value) => [field, value] as const),
  )
  return maskPairs(pairs)(words)
}

const SHIFT = 8

/**
 * Shift and click: somebody says that the element has to be there. Of a box the recorder tells only its
 * state, not that Shift was held.
 */
const isAsking = ({ name, modifiers }: RecordedAction, waiting: SeenElement | undefined) =>
  name === 'click'
    ? modifiers === SHIFT
    : ['check', 'uncheck'].includes(name) && waiting?.checked !== undefined

function readAction(line: string): RecordedAction | undefined {
  try {
    return RecordedAction.parse(JSON.parse(line.split('\n')[0] ?? ''))
  } catch {
    return undefined // An entry that we do not understand is one that no journey can be written from.
  }
}

function keepSecret(
  inputs: Map<string, SecretInput>,
  { field, input, value }: Extract<PageReport, { kind: 'secret' }>,
): void {
  const known = inputs.get(input)
  if (!known) {
    if (inputs.size < SECRET_INPUTS_MAX) inputs.set(input, { field, values: [value] })
  } else if (known.values.length < VALUES_PER_INPUT_MAX) known.values.push(value)
  else known.values[VALUES_PER_INPUT_MAX - 1] = value
}
