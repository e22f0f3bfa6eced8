import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLoopback } from './listen.ts'

/** How a service misbehaves instead of answering as it should. */
export type Misbehaviour =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Takes the request and never answers. */
  | 'silent'
  /** Begins an answer that has no end. */
  | 'endless'
  /** Breaks the connection after it has the request. */
  | 'dropped'

export type TakenRequest = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** An HTTP service that people are told by, and that answers as told for the next requests. */
export type MessageService = {
  url: string
  taken: TakenRequest[]
  /** What the next requests get, in order; after that each is answered as the service does. */
  next: Misbehaviour[]
}

export type Answer = { status: number; body: string }

export async function startMessageService(
  answer: (request: TakenRequest) => Answer,
): Promise<MessageService> {
  const service: MessageService = { url: '', taken: [], next: [] }
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const taken = { method, path: url, headers, body: await text(request) }
    service.taken.push(taken)
    const how = service.next.shift()
    // Whoever answers with an error has done nothing; whose answer is lost has done what was asked.
    misbehave(response, typeof how === 'object' ? how : carriedOut(how, answer(taken)))
  })
  service.url = await listenOnLoopback(server)
  return service
}

const carriedOut = (how: Misbehaviour | undefined, answer: Answer) => how ?? answer

function misbehave(response: ServerResponse, how: Misbehaviour | Answer): void {
  if (how === 'silent') return
  if (how === 'dropped') {
    response.socket?.destroy()
    return
  }
  if (how === 'endless') {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = ' '.repeat(64 * 1024)
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
    return
  }
  response
    .writeHead(how.status, 'headers' in how ? (how.headers ?? {}) : {})
    .end('body' in how ? (how.body ?? '') : '')
}

export const json = (status: number, value: object): Answer => ({
  status,
  body: JSON.stringify(value),
})

/** Refuses what PagerDuty's Events API v2 refuses. */
export const startPagerDuty = (): Promise<MessageService> =>
  startMessageService(({ path, body, headers }) => {
    const event = JSON.parse(body)
    const errors = [
      ...(path === '/v2/enqueue' ? [] : ['wrong path']),
      ...(headers['content-type'] === 'application/json' ? [] : ['wrong content type']),
      ...(event.routing_key?.length === 32 ? [] : ['routing_key is not 32 characters long']),
      ...(['trigger', 'acknowledge', 'resolve'].includes(event.event_action)
        ? []
        : ['event_action is invalid']),
      ...(event.dedup_key?.length <= 255 ? [] : ['dedup_key is missing or too long']),
      ...(body.length <= 512 * 1024 ? [] : ['the event is too large']),
      ...(event.event_action === 'trigger' ? payloadErrors(event.payload) : []),
    ]
    return errors.length === 0
      ? json(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key })
      : json(400, { status: 'invalid event', message: 'Event object is invalid', errors })
  })

const payloadErrors = (payload: Record<string, unknown> | undefined): string[] => [
  ...(typeof payload?.summary === 'string' && payload.summary.length <= 1024 ? [] : ['summary']),
  ...(typeof payload?.source === 'string' ? [] : ['source']),
  ...(['critical', 'error', 'warning', 'info'].includes(String(payload?.severity))
    ? []
    : ['severity']),
]

/**
 * Takes alerts as Opsgenie and Jira Service Management do: a request is accepted at once, is not found
 * until it was processed, and may be refused then.
 */
export function startAlertApi(
  key: string,
  { root = '', processed = {} }: { root?: string; processed?: AlertProcessing } = {},
): Promise<MessageService> {
  let asked = 0
  return startMessageService(({ method, path, headers, body }) => {
    const refuse = (status: number, message: string) =>
      json(status, { message, took: 0.01, requestId: 'refused' })
    if (headers.authorization !== `GenieKey ${key}`) return refuse(401, 'Key format is not valid!')
    if (!path.startsWith(`${root}/v2/alerts`)) return refuse(404, 'No such path')
    const rest = path.slice(`${root}/v2/alerts`.length)
    if (method === 'GET') {
      if (!/^\/requests\/r-\d+$/.test(rest)) return refuse(404, 'No such path')
      asked += 1
      if (asked === 1 || processed.isNever) return refuse(404, 'Request not found')
      const { refusedBecause } = processed
      const data = {
        isSuccess: refusedBecause === undefined,
        status: refusedBecause ?? 'Created alert',
      }
      return json(200, { data, took: 0.01, requestId: 'of-the-answer' })
    }
    if (headers['content-type'] !== 'application/json') return refuse(415, 'No JSON')
    const isChange = /^\/[^/?]+\/(acknowledge|close|notes)\?identifierType=alias$/.test(rest)
    const errors = alertErrors(JSON.parse(body), { isNew: rest === '' })
    if (!isChange && rest !== '') return refuse(404, 'No such path')
    if (errors.length > 0) return refuse(422, `Invalid: ${errors.join(', ')}`)
    return json(202, { result: 'Request will be processed', took: 0.3, requestId: 'r-1' })
  })
}

type AlertProcessing = { isNever?: boolean; refusedBecause?: string }

function alertErrors(
  { message, alias, description, entity, tags = [], details = {}, priority, ...rest }: Json,
  { isNew }: { isNew: boolean },
): string[] {
  const { note, user, source, ...unknown } = rest
  const limits: [string, unknown, number][] = isNew
    ? [
        ['message', message, 130],
        ['alias', alias, 512],
        ['description', description ?? '', 15_000],
        ['entity', entity ?? '', 512],
      ]
    : [['note', note ?? '', 25_000]]
  const named = limits.filter(([, value, max]) => typeof value !== 'string' || value.length > max)
  const isTagged = Array.isArray(tags) && tags.length <= 20 && tags.every((tag) => tag.length <= 50)
  const detailed = Object.values(details as object)
  return [
    ...named.map(([name]) => name),
    ...(isNew && !/^P[1-5]$/.test(String(priority)) ? ['priority'] : []),
    ...(isTagged ? [] : ['tags']),
    ...(detailed.every((value) => typeof value === 'string') && detailed.join('').length <= 8_000
      ? []
      : ['details']),
    ...[user, source].filter((value) => String(value ?? '').length > 100).map(() => 'user'),
    ...Object.keys(unknown),
  ]
}

type Json = Record<string, unknown>

/** Answers 200 whatever is wrong, as Slack does, and says in the body what it is. */
export const startSlack = (token = 'xoxb-of-the-test'): Promise<MessageService> =>
  startMessageService(({ path, body, headers }) => {
    const refuse = (error: string) => json(200, { ok: false, error })
    if (headers.authorization !== `Bearer ${token}`) return refuse('invalid_auth')
    if (path !== '/chat.postMessage') return refuse('unknown_method')
    if (headers['content-type'] !== 'application/json; charset=utf-8')
      return refuse('invalid_post_type')
    const { channel, text: fallback, blocks = [] } = JSON.parse(body)
    if (!/^[CGDUW][A-Z0-9]+$/.test(channel ?? '')) return refuse('channel_not_found')
    if (typeof fallback !== 'string' || fallback === '') return refuse('no_text')
    if (blocks.length > 50 || blocks.some(isInvalidBlock)) return refuse('invalid_blocks')
    return json(200, { ok: true, channel, ts: '1773586030.123456' })
  })

type Block = {
  type: string
  text?: { type: string; text: string }
  elements?: { text?: { text: string }; value?: string; action_id?: string }[]
}

function isInvalidBlock({ type, text: words, elements = [] }: Block): boolean {
  if (type === 'header') return words?.type !== 'plain_text' || words.text.length > 150
  if (type === 'section') return (words?.text.length ?? 0) === 0 || (words?.text.length ?? 0) > 3000
  return (
    elements.length > 25 ||
    elements.some(
      ({ text: label, value = '', action_id = '' }) =>
        (label?.text.length ?? 0) > 75 || value.length > 2000 || action_id.length > 255,
    )
  )
}

/** Takes what ntfy takes as JSON at its root. */
export const startNtfy = (): Promise<MessageService> =>
  startMessageService(({ path, body }) => {
    const { topic, message, priority, actions = [] } = JSON.parse(body)
    const isFine =
      path === '/' &&
      /^[A-Za-z0-9_-]{1,64}$/.test(topic ?? '') &&
      Buffer.byteLength(message ?? '') <= 4096 &&
      [1, 2, 3, 4, 5].includes(priority) &&
      actions.length <= 3 &&
      actions.every((action: { action: string; url: string }) => action.action === 'view')
    return isFine
      ? json(200, { id: 'sPs71M8A2T', event: 'message', topic, message })
      : json(400, { code: 40024, http: 400, error: 'invalid request' })
  })
