import type { SecretField, SeenElement } from './recorded-event.ts'

/** What a page under recording tells, besides what Playwright's recorder does. */
export type PageReport =
  /** A button of the mouse: what it leads to comes after the recorder's action. */
  | { kind: 'clicked' }
  /** Shift and click: the click is for us, and the page does not get it. */
  | { kind: 'seen'; seen: SeenElement }
  /** Of the window's own document, once it is known and whenever somebody clicks. */
  | { kind: 'title'; url: string; title: string }
  | { kind: 'secret'; field: SecretField; input: string; value: string }

export type WatchPage = { binding: string; textLengthMax: number }

/** Longer texts are those of half a page, and say nothing about the element. */
const TEXT_LENGTH_MAX = 200

export const watchPageOptions = (binding: string): WatchPage => ({
  binding,
  textLengthMax: TEXT_LENGTH_MAX,
})

/**
 * Runs in each document before its own code. It uses nothing from outside of it, because its text is sent
 * to the browser.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the browser gets it in one piece.
export function watchPage({ binding, textLengthMax }: WatchPage): void {
  type Field = {
    tagName: string
    type?: string
    value?: string
    checked?: boolean
    innerText?: string
    getAttribute(name: string): string | null
  }
  type Happening = {
    composedPath(): unknown[]
    shiftKey?: boolean
    isTrusted: boolean
    preventDefault(): void
    stopImmediatePropagation(): void
  }
  type Root = {
    addEventListener(type: string, hear: (event: Happening) => void, capture: true): void
  }
  const page: Record<string, unknown> = globalThis as object as Record<string, unknown>
  const send = page[binding]
  if (typeof send !== 'function') return
  // The page's own code must neither see nor call it.
  Reflect.deleteProperty(page, binding)
  const tell = (report: unknown) => void Promise.resolve(send(report)).catch(() => undefined)
  const root = page as object as Root
  const tellTitle = () => {
    if (page.top !== page.window) return
    const { title, URL: url } = page.document as { title: string; URL: string }
    tell({ kind: 'title', url, title })
  }
  for (const type of ['DOMContentLoaded', 'load']) root.addEventListener(type, tellTitle, true)

  /** Once for passwords, always: a button may show what was typed. */
  const secrets = new WeakMap<object, { field: string; input: string }>()
  const documentId = crypto.getRandomValues(new Uint32Array(2)).join('-')
  let inputs = 0
  const fieldOf = (element: Field) => {
    const autocomplete = element.getAttribute('autocomplete') ?? ''
    if (/one-time-code/.test(autocomplete)) return 'one-time-code'
    if (/\bcc-(number|csc|exp)/.test(autocomplete)) return 'card'
    return element.type === 'password' || /-password/.test(autocomplete) ? 'password' : undefined
  }
  const remember = (element: Field) => {
    const field = fieldOf(element)
    const secret = secrets.get(element) ?? (field && { field, input: `${documentId} ${inputs++}` })
    if (secret) secrets.set(element, secret)
    return secret
  }
  const elementOf = (event: Happening) => event.composedPath()[0] as Field | undefined
  const isField = (element: Field | undefined): element is Field =>
    element !== undefined && ['INPUT', 'TEXTAREA'].includes(element.tagName)

  for (const type of ['focus', 'beforeinput', 'input', 'change'])
    root.addEventListener(
      type,
      (event) => {
        const element = elementOf(event)
        if (!isField(element)) return
        const secret = remember(element)
        if (secret && element.value) tell({ kind: 'secret', ...secret, value: element.value })
      },
      true,
    )

  const whatIsSeen = (element: Field) => {
    // The browser turns it over before it tells of the click, and back again when that is prevented.
    if (isField(element) && element.type === 'checkbox') return { checked: !element.checked }
    if (
      isField(element) &&
      !['button', 'submit', 'reset', 'image', 'radio'].includes(element.type ?? '')
    )
      return remember(element) ? {} : { value: element.value }
    const text = (element.innerText ?? '').replace(/\s+/g, ' ').trim()
    return text.length <= textLengthMax ? { text } : {}
  }
  root.addEventListener(
    'click',
    (event) => {
      const element = elementOf(event)
      if (element === undefined || !event.isTrusted) return
      tellTitle()
      if (event.shiftKey) {
        event.preventDefault()
        tell({ kind: 'seen', seen: whatIsSeen(element) })
      } else tell({ kind: 'clicked' })
    },
    true,
  )
  // The recorder listens at the document, which comes before its root element: it has heard of it then.
  const keepAway = (event: Happening) => {
    if (!event.shiftKey || !event.isTrusted) return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  const guarded = new WeakSet<object>()
  const guard = () => {
    const { documentElement: element } = page.document as { documentElement: Root }
    if (guarded.has(element)) return
    guarded.add(element)
    for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
      element.addEventListener(type, keepAway, true)
  }
  root.addEventListener('pointerdown', guard, true)
}
