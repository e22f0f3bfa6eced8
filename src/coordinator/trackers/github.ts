import { z } from 'zod'
import type { Ticket, TrackerOf } from '../../protocol/ticket.ts'
import type { HttpAnswer } from '../../runtime/http-client.ts'
import { notSet } from '../notifiers/notifier.ts'
import {
  addressOf,
  jsonOf,
  type OpenOrder,
  refused,
  type TicketTracker,
  type TrackerContext,
} from './tracker.ts'

const URL_USUAL = 'https://api.github.com'

/** @see https://docs.github.com/en/rest/about-the-rest-api/api-versions */
const API_VERSION = '2022-11-28'

/** A page of issues is searched for one that was opened minutes ago; more are hardly opened meanwhile. */
const ISSUES_SEARCHED = 100

/** Our clock and GitHub's may differ by so much. */
const CLOCKS_DIFFER_MS_MAX = 5 * 60_000

type GitHub = TrackerOf<'github'>

const Issue = z.object({
  number: z.number().int().positive(),
  html_url: z.url(),
  body: z.string().nullish(),
})
const Refusal = z.object({ message: z.string() })

/**
 * Issues of a repository. GitHub takes no idempotency key, so the order's id is in the text, and an
 * attempt after the first looks through the newest issues before it opens one. The list is used and not
 * the search, which learns of an issue only later.
 *
 * @see https://docs.github.com/en/rest/issues/issues
 */
export const githubIssues: TicketTracker<'github'> = {
  async open(order, tracker, context) {
    const headers = headersOf(tracker, context)
    if (!headers) return notSet(tracker.token)
    const issues = addressOf(tracker.url ?? URL_USUAL, `/repos/${tracker.repository}/issues`)
    if (context.isRepeated) {
      const since = new Date(context.orderedAt - CLOCKS_DIFFER_MS_MAX).toISOString()
      const query = new URLSearchParams({
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: String(ISSUES_SEARCHED),
        since,
      })
      const listed = await context.http.get(`${issues}?${query}`, {
        headers,
        signal: context.signal,
      })
      const known = z.array(Issue).safeParse(jsonOf(listed))
      if (listed.status !== 200 || !known.success) return failed(listed, context)
      const found = known.data.find(({ body }) => body?.includes(markOf(order)))
      if (found) return { kind: 'delivered', ticket: ticketOf(found) }
    }
    const answer = await context.http.post(
      issues,
      JSON.stringify({
        title: order.title,
        body: textOf(order),
        ...(tracker.labels && { labels: tracker.labels }),
      }),
      { headers, signal: context.signal },
    )
    const issue = Issue.safeParse(jsonOf(answer))
    return answer.status === 201 && issue.success
      ? { kind: 'delivered', ticket: ticketOf(issue.data) }
      : failed(answer, context)
  },

  async tell(order, ticket, tracker, context) {
    const headers = headersOf(tracker, context)
    if (!headers) return notSet(tracker.token)
    const base = tracker.url ?? URL_USUAL
    const issue = addressOf(base, `/repos/${tracker.repository}/issues/${numberOf(ticket)}`)
    // Closing comes first: it may be done twice, and a comment may not need to be.
    if (order.do === 'close') {
      const closed = await context.http.patch(
        issue,
        JSON.stringify({ state: 'closed', state_reason: 'completed' }),
        { headers, signal: context.signal },
      )
      if (closed.status !== 200) return failed(closed, context)
    }
    const answer = await context.http.post(
      `${issue}/comments`,
      JSON.stringify({ body: plain(order.text) }),
      { headers, signal: context.signal },
    )
    return answer.status === 201 ? { kind: 'delivered' } : failed(answer, context)
  },
}

function headersOf({ token }: GitHub, { secret }: TrackerContext) {
  const credential = secret(token)
  return (
    credential && {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${credential}`,
      'content-type': 'application/json',
      'user-agent': 'Firewatch',
      'x-github-api-version': API_VERSION,
    }
  )
}

const ticketOf = ({ number, html_url }: z.infer<typeof Issue>): Ticket => ({
  tracker: 'github',
  key: `#${number}`,
  url: html_url,
})

const numberOf = ({ key }: Ticket) => Number(key.replace(/^#/, ''))

/** Nobody sees it on the page. */
const markOf = ({ id }: Pick<OpenOrder, 'id'>) => `<!-- ${id} -->`

const textOf = (order: OpenOrder): string =>
  [
    `**Due ${order.dueOn}**: ${plain(order.reason)}`,
    '',
    ...order.lines.map((line) => `* ${plain(line)}`),
    '',
    order.url,
    '',
    markOf(order),
  ].join('\n')

/** Text that mentions nobody, formats nothing and links only addresses: parts of it come from targets. */
const plain = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>]+)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(/[\\`*_{}[\]<>#|~!]/g, '\\$&').replaceAll('@', '@\u200B'),
    )
    .join('')

function failed(answer: HttpAnswer, { clock }: TrackerContext) {
  const refusal = Refusal.safeParse(jsonOf(answer))
  const outcome = refused(
    'GitHub',
    answer,
    refusal.success ? refusal.data.message : undefined,
    clock.now(),
  )
  return { ...outcome, retryAfterMs: outcome.retryAfterMs ?? limitedForMs(answer, clock.now()) }
}

/** The other way in which GitHub says when it takes requests again: the second at which its limit ends. */
function limitedForMs({ headers }: HttpAnswer, now: number): number | undefined {
  const reset = Number(headers['x-ratelimit-reset'])
  return headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset)
    ? Math.max(0, reset * 1_000 - now)
    : undefined
}
