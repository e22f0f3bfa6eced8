import { z } from 'zod'

/**
 * What somebody did in a browser, as Playwright's recorder and our own watch on its pages tell it: the
 * material that a journey is written from.
 */

/** How Playwright found an element, outermost first; the form of its JSON Lines output. */
export type RecordedLocator = {
  kind: string
  /** A text for most kinds; patterns do not survive JSON. */
  body?: unknown
  options?:
    | {
        exact?: boolean | undefined
        name?: unknown
        description?: unknown
        hasText?: unknown
        hasNotText?: unknown
        attrs?: { name: string; value: unknown }[] | undefined
      }
    | undefined
  next?: RecordedLocator | undefined
}

const RecordedLocator: z.ZodType<RecordedLocator> = z.object({
  kind: z.string(),
  body: z.unknown(),
  options: z
    .object({
      exact: z.boolean().optional(),
      name: z.unknown(),
      description: z.unknown(),
      hasText: z.unknown(),
      hasNotText: z.unknown(),
      attrs: z.array(z.object({ name: z.string(), value: z.unknown() })).optional(),
    })
    .partial()
    .optional(),
  get next() {
    return RecordedLocator.optional()
  },
})

/** One entry of Playwright's recorder. Tolerant: a version may know actions that this one does not. */
export const RecordedAction = z.object({
  /** `click`, `fill`, `press`, `check`, `select`, `openPage` … */
  name: z.string(),
  pageGuid: z.string(),
  /** In Playwright's own notation. */
  selector: z.string().optional(),
  locator: RecordedLocator.optional(),
  signals: z
    .array(z.object({ name: z.string(), popupPageGuid: z.string().optional() }))
    .default([]),
  button: z.enum(['left', 'middle', 'right']).optional(),
  /** Bits: 1 Alt, 2 Control, 4 Meta, 8 Shift. */
  modifiers: z.number().optional(),
  clickCount: z.number().optional(),
  position: z.object({ x: z.number(), y: z.number() }).optional(),
  text: z.string().optional(),
  key: z.string().optional(),
  options: z.array(z.string()).optional(),
  files: z.array(z.string()).optional(),
  value: z.string().optional(),
  checked: z.boolean().optional(),
  substring: z.boolean().optional(),
  ariaSnapshot: z.string().optional(),
})
export type RecordedAction = z.infer<typeof RecordedAction>

/** What an element was like when somebody said that it has to be there. */
export type SeenElement = { text?: string; value?: string; checked?: boolean }

export type RecordedEvent =
  | {
      kind: 'action'
      page: string
      action: RecordedAction
      /** Shift was held: it is to be expected, not clicked. */
      seen?: SeenElement | undefined
      /** What is filled in stands for this. */
      secret?: NamedSecret | undefined
    }
  | {
      kind: 'navigation'
      page: string
      url: string
      title: string
      /** `followed`: a link, a form or a script led there. */
      cause: 'typed' | 'reloaded' | 'followed'
    }

export type NamedSecret = { name: string; field: SecretField }

/** What is typed into fields that hold secrets, by what the field says of itself. */
export type SecretField = 'password' | 'one-time-code' | 'card'
export type SecretInput = {
  field: SecretField
  /** Each value that it had while somebody typed; the last one is what was meant. */
  values: string[]
}

export type Recorded = {
  /** Where it began, as it was typed. */
  url: string
  events: RecordedEvent[]
  secretInputs: SecretInput[]
  /** Requests that looked like an order, as `POST https://…`; each once. */
  orders: string[]
}
