import type { RecordedAction, RecordedEvent } from './recorded-event.ts'

type ActionEvent = Extract<RecordedEvent, { kind: 'action' }>

/** What an input of files says that it holds, whichever system it is. */
const FAKE_PATH = 'C:\\fakepath\\'
/** Actions that leave an element in a state: of several in a row, the last one counts. */
const SETTING = ['fill', 'check', 'uncheck', 'select', 'setInputFiles']

/**
 * Leaves out what a journey need not do: clicks that only lead to what comes next, keys that only move the
 * focus, what the browser did by itself, and what came when the window was closed.
 */
export function tidyEvents(events: readonly RecordedEvent[]): RecordedEvent[] {
  const tidy: RecordedEvent[] = []
  for (const event of events.map(asUpload)) {
    if (event.kind === 'action' && isByItself(event.action)) continue
    const last = tidy.at(-1)
    if (event.kind === 'navigation' && last?.kind === 'navigation' && isRedirect(event, last)) {
      tidy[tidy.length - 1] = ledOn(last, event)
      continue
    }
    while (event.kind === 'action' && replaces(event, tidy.at(-1))) tidy.pop()
    tidy.push(event)
  }
  while (isEnd(tidy.at(-1))) tidy.pop()
  return tidy
}

type Navigation = Extract<RecordedEvent, { kind: 'navigation' }>

/** By a script or a form that sends itself: nobody did anything in between. */
const isRedirect = ({ page, cause }: Navigation, last: Navigation) =>
  page === last.page && cause === 'followed'

/** What counts is where it ended; what was typed is typed again, wherever it led. */
const ledOn = (last: Navigation, { url, title }: Navigation): Navigation => ({
  ...last,
  title,
  url: last.cause === 'followed' ? url : last.url,
})

/** Playwright's recorder tells of chosen files as of a text. */
function asUpload(event: RecordedEvent): RecordedEvent {
  if (event.kind !== 'action' || event.action.name !== 'fill') return event
  const { text = '', ...action } = event.action
  if (!text.startsWith(FAKE_PATH)) return event
  const files = [text.slice(FAKE_PATH.length)]
  return { ...event, action: { ...action, name: 'setInputFiles', files } }
}

/** A click that no pointer made: of a label on its field, of a form on its button, of a script. */
const isByItself = ({ name, clickCount, key }: RecordedAction) =>
  (name === 'click' && clickCount === 0) || (name === 'press' && key === 'Tab')

function replaces({ page, action }: ActionEvent, last: RecordedEvent | undefined): boolean {
  if (last?.kind !== 'action') return false
  const isSame = page === last.page && action.selector === last.action.selector
  if (!isSame || last.seen || last.action.signals.length > 0) return false
  const isSetAgain = SETTING.includes(action.name) && SETTING.includes(last.action.name)
  const isLedTo = ['fill', 'setInputFiles'].includes(action.name) && isPlainClick(last.action)
  return isSetAgain || isLedTo
}

const isPlainClick = ({ name, button, modifiers = 0 }: RecordedAction) =>
  name === 'click' && button !== 'right' && modifiers === 0

const isEnd = (event: RecordedEvent | undefined) =>
  event?.kind === 'action' && event.action.name === 'closePage'
