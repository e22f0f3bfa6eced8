import { actionSource, actionWords } from './action-source.ts'
import { quote } from './locator-source.ts'
import type { RecordedEvent } from './recorded-event.ts'

type ActionEvent = Extract<RecordedEvent, { kind: 'action' }>
type Navigation = Extract<RecordedEvent, { kind: 'navigation' }>

/** A step of a journey, or a line between steps. */
export type WrittenStep =
  | {
      kind: 'step'
      name: string
      lines: string[]
      /** The variable of the window that it opens, for the steps after it. */
      opens?: string | undefined
    }
  | { kind: 'line'; line: string }

/** Addresses with such a piece are of one thing, and of another one the next time. */
const CHANGING = /\d|[0-9a-f]{8}/i

/**
 * Divides what was done into steps: one ends where it led to another page, or to another window. What it
 * led to is expected by its title, so that the step's time is that of the whole way there.
 *
 * @param startUrl the journey's target.
 */
export function splitSteps(events: readonly RecordedEvent[], startUrl: string): WrittenStep[] {
  const steps: WrittenStep[] = []
  const pages = pageVariables(events)
  /** Where each window was last. */
  const places = new Map<string, Navigation>()
  let open: ActionEvent[] = []

  const sourceOf = (event: ActionEvent) => actionSource(event, pages.get(event.page) ?? 'page')

  function close(end: { name?: string; arrival?: string[] } = {}): void {
    const about = telling(open)
    if (about)
      steps.push({
        kind: 'step',
        name: end.name ?? actionWords(about),
        lines: [...open.flatMap(sourceOf), ...(end.arrival ?? [])],
      })
    open = []
  }

  function closeWithWindow(last: ActionEvent, opens: string): void {
    const waiting = `const opened = ${pages.get(last.page)}.waitForEvent('popup')`
    const lines = [...open.slice(0, -1).flatMap(sourceOf), waiting, ...sourceOf(last)]
    steps.push({ kind: 'step', name: actionWords(last), lines: [...lines, 'return opened'], opens })
    open = []
  }

  function navigate(event: Navigation, page: string): void {
    const before = places.get(event.page)
    places.set(event.page, event)
    if (event.cause === 'followed') {
      // A window that was opened is waited for with what opened it.
      if (before) close(arrivalAt(event, before, page))
      return
    }
    close()
    const isStart = places.size === 1 && !before
    steps.push(goingTo(event, page, isStart ? 'target' : addressSource(event.url, startUrl)))
  }

  for (const event of events) {
    const page = pages.get(event.page)
    if (page === undefined) continue
    if (event.kind === 'navigation') navigate(event, page)
    else if (event.action.name === 'openPage') {
      close()
      if (page !== 'page')
        steps.push({ kind: 'line', line: `const ${page} = await context.newPage()` })
    } else {
      if (open.at(-1)?.page !== event.page) close()
      open.push(event)
      const popup = event.action.signals.find(({ name }) => name === 'popup')?.popupPageGuid
      const opens = popup === undefined ? undefined : pages.get(popup)
      if (opens !== undefined) closeWithWindow(event, opens)
    }
  }
  close()
  return steps
}

/** What the step is about: of a form, what sends it; of what is only looked at, the first. */
const telling = (events: readonly ActionEvent[]) =>
  events.findLast(({ action, seen }) => !seen && ['click', 'press'].includes(action.name)) ??
  events.findLast(({ action, seen }) => !seen && !action.name.startsWith('assert')) ??
  events[0]

/** Names for the windows in which something was done, in the order in which they came. */
function pageVariables(events: readonly RecordedEvent[]): Map<string, string> {
  const isUsed = (event: RecordedEvent) =>
    event.kind === 'navigation'
      ? event.cause === 'typed'
      : !['openPage', 'closePage'].includes(event.action.name)
  const used = new Set(events.filter(isUsed).map(({ page }) => page))
  const ordered = [...new Set(events.map(({ page }) => page))].filter((page) => used.has(page))
  return new Map(ordered.map((page, index) => [page, index === 0 ? 'page' : `page${index + 1}`]))
}

function goingTo({ cause, title, url }: Navigation, page: string, address: string): WrittenStep {
  const titleLines = titleLine(page, title)
  if (cause === 'reloaded')
    return {
      kind: 'step',
      name: 'load the page again',
      lines: [`await ${page}.reload()`, ...titleLines],
    }
  const going = `await ${page}.goto(${address})`
  const lines =
    title === ''
      ? [
          `const response = ${going}`,
          "expect(response?.status(), 'status of the page').toBeLessThan(400)",
        ]
      : [going, ...titleLines]
  return { kind: 'step', name: `open ${title || pathOf(url)}`, lines }
}

/** Where the title does not tell, the path does, unless it names one thing of many. */
function arrivalAt({ title, url }: Navigation, before: Navigation, page: string) {
  if (title !== '' && title !== before.title)
    return { name: `go to ${title}`, arrival: titleLine(page, title) }
  const path = pathOf(url)
  if (path === pathOf(before.url) || CHANGING.test(path)) return {}
  return { arrival: [`await ${page}.waitForURL((url) => url.pathname === ${quote(path)})`] }
}

const titleLine = (page: string, title: string) =>
  title === '' ? [] : [`await expect(${page}).toHaveTitle(${quote(title)})`]

const pathOf = (url: string) => (URL.canParse(url) ? new URL(url).pathname : '')

/** An address as seen from the target, so that the journey serves staging too. */
function addressSource(url: string, startUrl: string): string {
  if (url === startUrl) return 'target'
  const { origin, pathname, search, hash } = new URL(url)
  if (origin !== new URL(startUrl).origin) return quote(url)
  return `new URL(${quote(`${pathname}${search}${hash}`)}, target).href`
}
