import { z } from 'zod'
import type { Ticket, TrackerOf } from '../../protocol/ticket.ts'
import type { HttpAnswer } from '../../runtime/http-client.ts'
import { type DeliveryOutcome, notSet } from '../notifiers/notifier.ts'
import {
  addressOf,
  jsonOf,
  type OpenOrder,
  refused,
  type TicketTracker,
  type TrackerContext,
  type WordOrder,
} from './tracker.ts'

type Jira = TrackerOf<'jira'>

const Created = z.object({ key: z.string().min(1) })
const Found = z.object({ issues: z.array(Created) })
const Transitions = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      to: z.object({ statusCategory: z.object({ key: z.string() }) }),
    }),
  ),
})
const Refusal = z.object({
  errorMessages: z.array(z.string()).default([]),
  errors: z.record(z.string(), z.string()).default({}),
})

/**
 * Issues of Jira Cloud, REST v3. The order's id is a label, and an attempt after the first searches for
 * it before it opens another.
 *
 * @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
 */
export const jiraIssues: TicketTracker<'jira'> = {
  async open(order, tracker, context) {
    const headers = headersOf(tracker, context)
    if (!headers) return notSet(tracker.token)
    if (context.isRepeated) {
      const query = new URLSearchParams({
        jql: `project = "${tracker.project}" AND labels = "${order.id}"`,
        fields: 'summary',
        maxResults: '1',
      })
      const answer = await context.http.get(
        addressOf(tracker.url, `/rest/api/3/search/jql?${query}`),
        { headers, signal: context.signal },
      )
      const found = Found.safeParse(jsonOf(answer))
      if (answer.status !== 200 || !found.success) return failed(answer, context)
      const [known] = found.data.issues
      if (known) return { kind: 'delivered', ticket: ticketOf(known.key, tracker) }
    }
    const create = (fields: object) =>
      context.http.post(addressOf(tracker.url, '/rest/api/3/issue'), JSON.stringify({ fields }), {
        headers,
        signal: context.signal,
      })
    const { duedate, ...fields } = fieldsOf(order, tracker)
    let answer = await create({ ...fields, duedate })
    // Where the project's form has no due date, the text says it all the same.
    if (answer.status === 400 && isOnly(answer, 'duedate')) answer = await create(fields)
    const created = Created.safeParse(jsonOf(answer))
    return answer.status === 201 && created.success
      ? { kind: 'delivered', ticket: ticketOf(created.data.key, tracker) }
      : failed(answer, context)
  },

  async tell(order, ticket, tracker, context) {
    const headers = headersOf(tracker, context)
    if (!headers) return notSet(tracker.token)
    const issue = addressOf(tracker.url, `/rest/api/3/issue/${encodeURIComponent(ticket.key)}`)
    if (order.do === 'close') {
      const outcome = await moveToDone(issue, headers, context)
      if (outcome.kind !== 'delivered') return outcome
    }
    const answer = await context.http.post(
      `${issue}/comment`,
      JSON.stringify({ body: documentOf([paragraph(order.text)]) }),
      { headers, signal: context.signal },
    )
    return answer.status === 201 ? { kind: 'delivered' } : failed(answer, context)
  },
}

/**
 * Moves an issue to what its workflow counts as done. One that is done already, or whose workflow has no
 * way there from where it is, stays where people put it; the comment tells them all the same.
 */
async function moveToDone(
  issue: string,
  headers: Record<string, string>,
  context: TrackerContext,
): Promise<DeliveryOutcome> {
  const listed = await context.http.get(`${issue}/transitions`, {
    headers,
    signal: context.signal,
  })
  const known = Transitions.safeParse(jsonOf(listed))
  if (listed.status !== 200 || !known.success) return failed(listed, context)
  const done = known.data.transitions.find(({ to }) => to.statusCategory.key === 'done')
  if (!done) return { kind: 'delivered' }
  const moved = await context.http.post(
    `${issue}/transitions`,
    JSON.stringify({ transition: { id: done.id } }),
    { headers, signal: context.signal },
  )
  return moved.status === 204 ? { kind: 'delivered' } : failed(moved, context)
}

function headersOf({ account, token }: Jira, { secret }: TrackerContext) {
  const credential = secret(token)
  return (
    credential && {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(`${account}:${credential}`).toString('base64')}`,
      'content-type': 'application/json',
      'user-agent': 'Firewatch',
    }
  )
}

const ticketOf = (key: string, { url }: Jira): Ticket => ({
  tracker: 'jira',
  key,
  url: addressOf(url, `/browse/${key}`),
})

const fieldsOf = (order: OpenOrder, { project, issueType, labels = [] }: Jira) => ({
  project: { key: project },
  issuetype: { name: issueType ?? 'Task' },
  summary: order.title,
  description: documentOf([
    paragraph(`Due ${order.dueOn}: ${order.reason}`),
    {
      type: 'bulletList',
      content: order.lines.map((line) => ({ type: 'listItem', content: [paragraph(line)] })),
    },
    paragraph(order.url, order.url),
  ]),
  labels: [order.id, ...labels],
  duedate: order.dueOn,
})

/** @see https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */
const documentOf = (content: object[]) => ({ type: 'doc', version: 1, content })

/** Plain text: nothing in it formats anything or mentions anybody. An empty text is no document. */
const paragraph = (text: WordOrder['text'], href?: string) => ({
  type: 'paragraph',
  content: [
    {
      type: 'text',
      text: text === '' ? '–' : text,
      ...(href !== undefined && { marks: [{ type: 'link', attrs: { href } }] }),
    },
  ],
})

function isOnly(answer: HttpAnswer, field: string): boolean {
  const refusal = Refusal.safeParse(jsonOf(answer))
  return (
    refusal.success &&
    refusal.data.errorMessages.length === 0 &&
    Object.keys(refusal.data.errors).join() === field
  )
}

function failed(answer: HttpAnswer, { clock }: TrackerContext) {
  const refusal = Refusal.safeParse(jsonOf(answer))
  const words = refusal.success
    ? [
        ...refusal.data.errorMessages,
        ...Object.entries(refusal.data.errors).map(([field, says]) => `${field}: ${says}`),
      ].join('; ')
    : ''
  return refused('Jira', answer, words === '' ? undefined : words, clock.now())
}
