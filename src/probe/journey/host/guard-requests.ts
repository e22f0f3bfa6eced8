import type { APIRequestContext, APIResponse, BrowserContext, Page, Request } from 'playwright'
import { messageOf } from '../../../base/app-error.ts'
import { withoutQuery } from './describe-error.ts'
import { isForbidden, type NeverRule } from './never-rules.ts'

/**
 * Keeps a journey from the requests that it declares it must never make, and remembers attempts.
 *
 * Three nets, because each has a hole:
 * 1. Playwright's routes hold from the first request of every page and popup on, but let the target
 *    of a redirect pass, and a journey's own `page.route` goes before them.
 * 2. Chromium's Fetch domain, attached to each page by ourselves, stops redirects too and does not
 *    care about the journey's routes, but is attached a moment after a popup opens.
 * 3. Everything that Playwright sees being sent is compared as well: what came through the first two
 *    (a redirect in the first moment of a popup) fails the run, and the message says so.
 *
 * Shared workers are seen by none of these, so the pages of such a journey have none.
 */
export type RequestGuard = {
  /** Guards all that a context will send; before its first page. */
  context(context: BrowserContext): Promise<void>
  /** Resolves when everything that guards a page holds. */
  page(page: Page): Promise<void>
  /** Guards what is sent beside any page. */
  direct(direct: APIRequestContext): void
  /** What was tried first, in words; undefined as long as nothing was. */
  attempt(): string | undefined
}

export class ForbiddenRequestError extends Error {
  override readonly name = 'ForbiddenRequestError'
}

type Attempt = { method: string; url: string; hasReached: boolean }
type Recorder = (method: string, url: string) => boolean

export type GuardOptions = {
  log(line: string): void
  /** Told when something new is known of an attempt. */
  onAttempt?(attempt: string): void
}

/** Without rules nothing is intercepted. */
export function createRequestGuard(
  rules: readonly NeverRule[],
  { log, onAttempt = () => undefined }: GuardOptions,
): RequestGuard {
  const attempts: Attempt[] = []
  const attached = new WeakMap<Page, Promise<void>>()
  const attempt = () => attempts[0] && describeAttempt(attempts)
  const changed = () => {
    const said = attempt()
    if (said !== undefined) onAttempt(said)
  }
  /** Whether it is forbidden; if so, it is written down. */
  const record: Recorder = (method, url) => {
    if (!isForbidden(rules, { method, url })) return false
    if (!attempts.some((known) => known.method === method && known.url === url)) {
      attempts.push({ method, url, hasReached: false })
      changed()
    }
    return true
  }
  const page = (opened: Page): Promise<void> => {
    if (rules.length === 0) return Promise.resolve()
    const known = attached.get(opened) ?? attachToPage(opened, rules, record, log)
    attached.set(opened, known)
    return known
  }
  return {
    async context(context) {
      if (rules.length === 0) return
      await routeRequests(context, rules, record)
      context.on('page', (opened) => void page(opened))
      watchRequests(context, attempts, record, changed)
      guardDirectRequests(context.request, record)
    },
    page,
    direct(direct) {
      if (rules.length > 0) guardDirectRequests(direct, record)
    },
    attempt,
  }
}

function describeAttempt(attempts: readonly Attempt[]): string {
  const reached = attempts.find((attempt) => attempt.hasReached)
  const { method, url } = reached ?? attempts[0] ?? { method: '', url: '' }
  const end = reached ? 'and it could not be blocked in time' : 'the request was blocked'
  const joint = reached ? ', ' : '; '
  return `the journey tried ${method} ${withoutQuery(url)}, which it declares it must never make${joint}${end}`
}

async function routeRequests(
  context: BrowserContext,
  rules: readonly NeverRule[],
  record: Recorder,
): Promise<void> {
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'SharedWorker')
  })
  for (const rule of rules)
    await context.route(rule.url, (route, request) =>
      record(request.method(), request.url()) ? route.abort('blockedbyclient') : route.fallback(),
    )
}

async function attachToPage(
  page: Page,
  rules: readonly NeverRule[],
  record: Recorder,
  log: (line: string) => void,
): Promise<void> {
  try {
    const session = await page.context().newCDPSession(page)
    session.on('Fetch.requestPaused', ({ requestId, request }) => {
      const answer = record(request.method, request.url)
        ? session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
        : session.send('Fetch.continueRequest', { requestId })
      // The page went away together with its request.
      answer.catch(() => undefined)
    })
    const patterns = rules.map((rule) => ({ urlPattern: rule.chromiumPattern }))
    await session.send('Fetch.enable', { patterns })
  } catch (error) {
    // A page that closed at once needs no guard; in any other case the routes still hold.
    if (!page.isClosed()) log(`a page is guarded by routes only: ${messageOf(error)}`)
  }
}

function watchRequests(
  context: BrowserContext,
  attempts: readonly Attempt[],
  record: Recorder,
  changed: () => void,
): void {
  context.on('request', (request) => void record(request.method(), request.url()))
  context.on('response', (response) => {
    const request = response.request()
    const attempt = attempts.find(
      ({ method, url }) => method === request.method() && url === request.url(),
    )
    if (!attempt) return
    // An answer without a server is one that the journey made up itself, by `page.route`.
    response.serverAddr().then(
      (address) => {
        if (!address) return
        attempt.hasReached = true
        changed()
      },
      () => undefined, // The page closed first.
    )
  })
}

/** What Playwright sends beside the pages, and how much of its answer is needed to follow it. */
type DirectRequest = {
  url?: string
  request?: Request
  method?: string
  headers?: Record<string, string>
  maxRedirects?: number
  data?: unknown
  form?: unknown
  multipart?: unknown
}
type DirectAnswer = Pick<APIResponse, 'status' | 'headers' | 'url'>
/** Where `request.post(…)` and its like meet with `route.fetch(…)`; no part of what Playwright promises. */
type DirectSender = { _innerFetch(request: DirectRequest): Promise<DirectAnswer> }

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Playwright's own limit. */
const REDIRECTS_MAX = 20

/**
 * Direct requests do not go through a page, so no route sees them, and Playwright would follow a redirect
 * wherever it leads. So each is followed here, one address at a time.
 *
 * @throws {Error} when this version of Playwright sends them by another way: then nothing may run.
 */
function guardDirectRequests(requests: APIRequestContext, record: Recorder): void {
  const direct = requests as unknown as DirectSender
  if (typeof direct._innerFetch !== 'function')
    throw new Error('direct requests cannot be guarded in this version of Playwright')
  const send = direct._innerFetch.bind(direct)
  direct._innerFetch = async (first) => {
    const { maxRedirects = REDIRECTS_MAX } = first
    let next = { ...first, maxRedirects: 0 }
    for (let redirects = 0; ; redirects++) {
      const method = methodOf(next)
      const url = next.url ?? next.request?.url() ?? ''
      if (record(method, url))
        throw new ForbiddenRequestError(`${method} ${withoutQuery(url)} must never be made`)
      const answer = await send(next)
      const location = answer.headers().location
      if (maxRedirects === 0 || location === undefined || !REDIRECTS.has(answer.status()))
        return answer
      if (redirects === maxRedirects) throw new Error(`more than ${maxRedirects} redirects`)
      next = { ...redirected(next, answer, location), maxRedirects: 0 }
    }
  }
}

const methodOf = ({ method, request }: DirectRequest) =>
  (method ?? request?.method() ?? 'GET').toUpperCase()

/** The request that an answer leads to, as browsers make it: a form that was sent is not sent again. */
function redirected(from: DirectRequest, answer: DirectAnswer, location: string): DirectRequest {
  const { request, data, form, multipart, headers, ...rest } = from
  const to = new URL(location, answer.url())
  const method = methodOf(from)
  const status = answer.status()
  const isGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  const isElsewhere = to.origin !== new URL(answer.url()).origin
  const kept = Object.entries(headers ?? request?.headers() ?? {}).filter(
    ([name]) =>
      !(isElsewhere && name.toLowerCase() === 'authorization') &&
      !(isGet && name.toLowerCase().startsWith('content-')),
  )
  const body = isGet
    ? {}
    : { data: data ?? request?.postDataBuffer() ?? undefined, form, multipart }
  return {
    ...rest,
    ...body,
    url: to.href,
    method: isGet ? 'GET' : method,
    headers: Object.fromEntries(kept),
  }
}
