import type { APIRequestContext, BrowserContext, Page } from 'playwright'

/** Limits of one step. Durations are written `500ms` or `2s`, or are numbers of milliseconds. */
export type StepOptions = {
  /**
   * The step fails when it takes longer.
   *
   * @example await step('search', () => shop.search('lamp'), { within: '5s' })
   */
  within?: string | number
  /**
   * The step, and with it the run, is degraded when it takes longer.
   *
   * @example await step('search', () => shop.search('lamp'), { degradedAfter: '800ms' })
   */
  degradedAfter?: string | number
}

/** What a check may give its journey under `params`. */
export type Param = string | number | boolean

/** What a journey gets for one run. Everything is fresh: no cookie or cache of an earlier run. */
export type JourneyContext = {
  /** The browser's page. */
  page: Page
  /** The browser context that the page lives in, for cookies or further pages. */
  context: BrowserContext
  /** HTTP requests beside the page, with the context's cookies. */
  request: APIRequestContext
  /** The `url` of the check, so that one journey serves staging and production. */
  target: string
  /**
   * Names one thing that a user does. Its time is measured and shown, and a failure names it and
   * shows the page. Steps may be inside steps. Await it: a step that nobody waits for fails the run.
   *
   * @example await step('search for a lamp', () => shop.search('lamp'))
   */
  step<T>(name: string, body: () => T | Promise<T>, options?: StepOptions): Promise<T>
  /**
   * A step whose failure does not end the journey: what follows is still tried, and the run fails at
   * its end. Gives what the body gave, or undefined when it failed.
   *
   * @example await soft('the newsletter is offered', () => expect(page.getByText('Newsletter')).toBeVisible())
   */
  soft<T>(name: string, body: () => T | Promise<T>, options?: StepOptions): Promise<T | undefined>
  /**
   * Ends the step that it is called in, which then counts as skipped, and goes on after it. Outside any
   * step it ends the journey, whose run then passes with what it had.
   *
   * @example await step('redeem a voucher', () => params.voucher ? shop.redeem(params.voucher) : skip('no voucher'))
   */
  skip(reason: string): never
  /**
   * The values that the check gives under `params`; reading another one fails the run.
   *
   * @example await shop.search(String(params.product))
   */
  params: Readonly<Record<string, Param>>
  /**
   * The one-time password (RFC 6238: SHA-1, 6 digits, 30 s) of this moment for a shared secret in
   * base32, as authenticator apps take it.
   *
   * @example await page.getByLabel('Code').fill(totp(secrets.SHOP_TOTP))
   */
  totp(secret: string | undefined): string
  /**
   * The secrets that the check declares, by name; reading another one fails the run. Their values
   * are masked in everything that leaves the journey.
   */
  secrets: Readonly<Record<string, string>>
  /** A line kept with the run. */
  log(line: string): void
}

export type JourneyBody = (context: JourneyContext) => Promise<void>

export type JourneyOptions = {
  /**
   * Requests that must never be made, as `METHOD glob`. They are blocked in the browser, and one
   * attempt fails the run, even when the journey itself goes on.
   *
   * One star is anything but a slash, two are anything, `{a,b}` is one of both; a query need not be
   * written, and a glob that starts with a slash holds for every origin. The method may be a star.
   * Requests that the journey's own code makes with Node's `fetch` do not go through the browser
   * and are not blocked; use `request`.
   *
   * @example { never: ['POST https://shop.example.com/orders', 'DELETE /account'] }
   */
  never?: readonly `${string} ${string}`[]
}

/** A journey: a value, made by {@link journey} and exported as a file's default. */
export type Journey = {
  readonly kind: 'firewatch.journey'
  readonly options: Required<JourneyOptions>
  readonly body: JourneyBody
}

/**
 * Describes what a user does, as steps in a real browser.
 *
 * @example
 * export default journey(async ({ page, step, target }) => {
 *   await step('open the homepage', () => page.goto(target))
 * })
 */
export function journey(body: JourneyBody): Journey
export function journey(options: JourneyOptions, body: JourneyBody): Journey
export function journey(first: JourneyOptions | JourneyBody, second?: JourneyBody): Journey {
  const options = typeof first === 'function' ? {} : first
  const body = typeof first === 'function' ? first : second
  if (typeof body !== 'function')
    throw new TypeError('journey() expects an async function that takes { page, step, … }')
  return { kind: 'firewatch.journey', options: { never: options.never ?? [] }, body }
}

/** Whether a value is a journey, even one made by another copy of this package. */
export function isJourney(value: unknown): value is Journey {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'firewatch.journey'
  )
}
