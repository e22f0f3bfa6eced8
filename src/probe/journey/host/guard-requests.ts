import type { APIResponse, BrowserContext, Page, Request } from 'playwright'
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
  /** What was tried first, in words; undefined as long as nothing was. */
  attempt(): string | undefined
}

export class ForbiddenRequestError extends Error {
  override readonly name = 'ForbiddenRequestError'
}

type Attempt = { method: string; url: string; hasReached: boolean }
type Recorder = (method: string, url: string) => boolean

export async function guardRequests(
  context: BrowserContext,
  page: Page,
  rules: readonly NeverRule[],
  log: (line: string) => void,
): Promise<RequestGuard> {
  const attempts: Attempt[] = []
  /** Whether it is forbidden; if so, it is written down. */
  const record: Recorder = (method, url) => {
    if (!isForbidden(rules, { method, url })) return false
    if (!attempts.some((attempt) => attempt.method === method && attempt.url === url))
      attempts.push({ method, url, hasReached: false })
    return true
  }
  if (rules.length > 0) {
    await routeRequests(context, rules, record)
    context.on('page', (opened) => void attachToPage(context, opened, rules, record, log))
    await attachToPage(context, page, rules, record, log)
    watchRequests(context, attempts, record)
    guardDirectRequests(context, record)
  }
  return { attempt: () => attempts[0] && describeAttempt(attempts) }
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
  context: BrowserContext,
  page: Page,
  rules: readonly NeverRule[],
  record: Recorder,
  log: (line: string) => void,
): Promise<void> {
  try {
    const session = await context.newCDPSession(page)
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

function watchRequests(context: BrowserContext, attempts: Attempt[], record: Recorder): void {
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
        if (address) attempt.hasReached = true
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
function guardDirectRequests(context: BrowserContext, record: Recorder): void {
  const direct = context.request as unknown as DirectSender
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
