import { type Answer, json, type MessageService, startMessageService } from './message-services.ts'

/** A service that keeps tickets, and what is in it. */
export type TicketService = MessageService & { tickets: KeptTicket[] }

export type KeptTicket = {
  key: string
  title: string
  text: string
  labels: string[]
  dueOn?: string | undefined
  isClosed: boolean
  comments: string[]
}

const parsed = (body: string) => (body === '' ? {} : JSON.parse(body))

/**
 * GitHub's REST API for the issues of one repository: refuses what it refuses.
 *
 * @see https://docs.github.com/en/rest/issues/issues
 */
export async function startGitHub({
  repository = 'example/shop',
  token = 'github-token-of-the-test',
} = {}): Promise<TicketService> {
  const tickets: KeptTicket[] = []
  const service = await startMessageService(({ method, path, headers, body }) => {
    const refuse = (status: number, message: string) => json(status, { message })
    if (headers['user-agent'] === undefined) return refuse(403, 'User-Agent is missing')
    if (headers.authorization !== `Bearer ${token}`) return refuse(401, 'Bad credentials')
    if (headers.accept !== 'application/vnd.github+json') return refuse(415, 'Accept is missing')
    if (headers['x-github-api-version'] !== '2022-11-28') return refuse(400, 'no such version')
    const { pathname, searchParams } = new URL(path, 'http://github.test')
    const [, number, rest] =
      /^\/issues(?:\/(\d+)(\/comments)?)?$/.exec(pathname.replace(`/repos/${repository}`, '')) ?? []
    if (!pathname.startsWith(`/repos/${repository}/issues`)) return refuse(404, 'Not Found')
    const issueOf = (ticket: KeptTicket) => ({
      number: Number(ticket.key),
      html_url: `https://github.test/${repository}/issues/${ticket.key}`,
      state: ticket.isClosed ? 'closed' : 'open',
      title: ticket.title,
      body: ticket.text,
    })
    if (number === undefined && method === 'GET') {
      const isKnown = searchParams.get('state') === 'all' && searchParams.get('per_page') === '100'
      const isSince = !Number.isNaN(Date.parse(searchParams.get('since') ?? ''))
      return isKnown && isSince
        ? { status: 200, body: JSON.stringify(tickets.toReversed().map(issueOf)) }
        : refuse(422, 'Validation Failed')
    }
    const sent = parsed(body)
    if (number === undefined && method === 'POST') {
      if (typeof sent.title !== 'string' || sent.title.length > 256)
        return refuse(422, 'Validation Failed')
      const ticket: KeptTicket = {
        key: String(tickets.length + 1),
        title: sent.title,
        text: sent.body ?? '',
        labels: sent.labels ?? [],
        isClosed: false,
        comments: [],
      }
      tickets.push(ticket)
      return json(201, issueOf(ticket))
    }
    const ticket = tickets.find(({ key }) => key === number)
    if (!ticket) return refuse(404, 'Not Found')
    if (rest === '/comments' && method === 'POST') {
      ticket.comments.push(sent.body)
      return json(201, { id: ticket.comments.length })
    }
    if (method !== 'PATCH') return refuse(404, 'Not Found')
    ticket.isClosed = sent.state === 'closed' && sent.state_reason === 'completed'
    return json(200, issueOf(ticket))
  })
  return Object.assign(service, { tickets })
}

/**
 * Jira Cloud's REST API v3 for one project: refuses what it refuses.
 *
 * @param fields which the form for new issues has.
 * @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/
 */
export async function startJira({
  project = 'OPS',
  account = 'firewatch@example.com',
  token = 'jira-token-of-the-test',
  hasDueDate = true,
} = {}): Promise<TicketService> {
  const tickets: KeptTicket[] = []
  const credential = Buffer.from(`${account}:${token}`).toString('base64')
  const refuse = (status: number, messages: string[], errors: Record<string, string> = {}) =>
    json(status, { errorMessages: messages, errors })

  const create = ({ fields }: { fields?: Record<string, unknown> }): Answer => {
    const { summary, description, labels = [], duedate } = fields ?? {}
    const errors = {
      ...((fields?.project as { key: string })?.key !== project && { project: 'is required' }),
      ...((fields?.issuetype as { name: string })?.name !== 'Task' && { issuetype: 'is required' }),
      ...((typeof summary !== 'string' || summary.length > 255 || summary.includes('\n')) && {
        summary: 'The summary is invalid.',
      }),
      ...(duedate !== undefined &&
        !(hasDueDate && /^\d{4}-\d\d-\d\d$/.test(String(duedate))) && {
          duedate: "Field 'duedate' cannot be set. It is not on the appropriate screen.",
        }),
      ...((labels as string[]).some((label) => /\s/.test(label)) && {
        labels: 'The label contains spaces which is invalid.',
      }),
      ...(!isDocument(description) && {
        description: 'Operation value must be an Atlassian Document',
      }),
    }
    if (Object.keys(errors).length > 0) return refuse(400, [], errors)
    const ticket: KeptTicket = {
      key: `${project}-${tickets.length + 1}`,
      title: String(summary),
      text: textIn(description).join('\n'),
      labels: labels as string[],
      ...(duedate !== undefined && { dueOn: String(duedate) }),
      isClosed: false,
      comments: [],
    }
    tickets.push(ticket)
    return json(201, { id: '10001', key: ticket.key, self: `https://jira.test/10001` })
  }

  const service = await startMessageService(({ method, path, headers, body }) => {
    if (headers.authorization !== `Basic ${credential}`)
      return refuse(401, ['Client must be authenticated to access this resource.'])
    const { pathname, searchParams } = new URL(path, 'http://jira.test')
    if (method === 'GET' && pathname === '/rest/api/3/search/jql') {
      const [, named, label] =
        /^project = "([^"]+)" AND labels = "([^"]+)"$/.exec(searchParams.get('jql') ?? '') ?? []
      if (named !== project) return refuse(400, ['The JQL is invalid.'])
      const found = tickets.filter(({ labels }) => label !== undefined && labels.includes(label))
      return json(200, { issues: found.map(({ key }) => ({ id: '10001', key })), isLast: true })
    }
    if (method === 'POST' && pathname === '/rest/api/3/issue') return create(parsed(body))
    const [, key, rest] = /^\/rest\/api\/3\/issue\/([A-Z0-9-]+)\/(\w+)$/.exec(pathname) ?? []
    const ticket = tickets.find((candidate) => candidate.key === key)
    if (!ticket) return refuse(404, ['Issue does not exist'])
    if (rest === 'transitions' && method === 'GET') return json(200, transitionsOf(ticket))
    if (rest === 'transitions' && method === 'POST') {
      if (parsed(body).transition?.id !== '31') return refuse(400, ['No such transition.'])
      ticket.isClosed = true
      return { status: 204, body: '' }
    }
    if (rest !== 'comment' || method !== 'POST') return refuse(404, ['Not Found'])
    const { body: said } = parsed(body)
    if (!isDocument(said)) return refuse(400, ['Comment body is not valid!'])
    ticket.comments.push(textIn(said).join('\n'))
    return json(201, { id: '10002' })
  })
  return Object.assign(service, { tickets })
}

const transitionsOf = ({ isClosed }: KeptTicket) => ({
  transitions: [
    { id: '21', name: 'Begin', to: { statusCategory: { key: 'indeterminate' } } },
    ...(isClosed ? [] : [{ id: '31', name: 'End', to: { statusCategory: { key: 'done' } } }]),
  ],
})

type Node = { type?: string; version?: number; text?: string; content?: Node[] }

/** An Atlassian Document whose text nodes have text. */
function isDocument(value: unknown): boolean {
  const node = value as Node
  return node?.type === 'doc' && node.version === 1 && !textIn(value).includes('')
}

function textIn(value: unknown): string[] {
  const { type, text, content = [] } = (value ?? {}) as Node
  return type === 'text' ? [text ?? ''] : content.flatMap(textIn)
}
