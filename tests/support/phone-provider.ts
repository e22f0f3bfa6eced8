import { signTwilio } from '../../src/coordinator/twilio-signature.ts'
import { json, type MessageService, startMessageService } from './message-services.ts'

export const PHONE_ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`
export const PHONE_TOKEN = 'token-of-the-telephone-account'

/** What the service was asked to do. */
export type Asked = {
  sid: string
  kind: 'Calls' | 'Messages'
  fields: URLSearchParams
  /** What it says when it is asked what became of it. */
  status: string
  answeredBy: string | null
}

export type PhoneProvider = MessageService & {
  asked: Asked[]
  /** Tells the coordinator how it stands, as the service does by itself. */
  tell(asked: Asked, report: Record<string, string>, token?: string): Promise<Response>
  /** Somebody presses a key in a call. Gives what the call goes on with. */
  press(asked: Asked, key: string): Promise<string>
}

/** Takes calls and text messages as Twilio does, and refuses what it refuses. */
export async function startPhoneProvider(): Promise<PhoneProvider> {
  const asked: Asked[] = []
  const root = `/2010-04-01/Accounts/${PHONE_ACCOUNT}/`
  const credentials = `Basic ${Buffer.from(`${PHONE_ACCOUNT}:${PHONE_TOKEN}`).toString('base64')}`
  const service = await startMessageService(({ method, path, headers, body }) => {
    const refuse = (status: number, code: number, message: string) =>
      json(status, { code, message, status, more_info: `https://phones.test/errors/${code}` })
    if (headers.authorization !== credentials) return refuse(401, 20003, 'Authenticate')
    const [kind = '', sid] = path
      .slice(root.length)
      .replace(/\.json$/, '')
      .split('/')
    if (!path.startsWith(root) || !path.endsWith('.json') || !['Calls', 'Messages'].includes(kind))
      return refuse(404, 20404, 'The requested resource was not found')
    if (method === 'GET') {
      const found = asked.find((one) => one.sid === sid)
      return found
        ? json(200, { sid, status: found.status, answered_by: found.answeredBy })
        : refuse(404, 20404, 'The requested resource was not found')
    }
    if (headers['content-type'] !== 'application/x-www-form-urlencoded')
      return refuse(400, 21200, 'No form')
    const fields = new URLSearchParams(body)
    const wrong = kind === 'Calls' ? wrongInCall(fields) : wrongInText(fields)
    if (wrong !== undefined) return refuse(400, 21211, wrong)
    const one: Asked = {
      sid: `${kind === 'Calls' ? 'CA' : 'SM'}${String(asked.length + 1).padStart(32, '0')}`,
      kind: kind as Asked['kind'],
      ...{ fields, status: 'queued', answeredBy: null },
    }
    asked.push(one)
    return json(201, { sid: one.sid, status: 'queued' })
  })
  const post = (url: string, form: Record<string, string>, token = PHONE_TOKEN) => {
    const fields = new URLSearchParams(form)
    return fetch(url, {
      method: 'POST',
      body: fields.toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': signTwilio(token, url, fields),
      },
    })
  }
  return {
    // The same list and the same address, which it has by now.
    ...service,
    asked,
    tell({ sid, kind, fields }, report, token) {
      const named = kind === 'Calls' ? { CallSid: sid } : { MessageSid: sid }
      const of = { ...named, AccountSid: PHONE_ACCOUNT, To: fields.get('To') ?? '' }
      return post(fields.get('StatusCallback') ?? '', { ...of, ...report }, token)
    },
    async press({ sid, fields }, key) {
      const [, action = ''] = /<Gather[^>]* action="([^"]*)"/.exec(fields.get('Twiml') ?? '') ?? []
      const answer = await post(action.replaceAll('&amp;', '&'), {
        ...{ CallSid: sid, CallStatus: 'in-progress', Digits: key },
      })
      return answer.text()
    },
  }
}

const PHONE = /^\+[1-9]\d{6,14}$/

function wrongInCall(fields: URLSearchParams): string | undefined {
  const script = fields.get('Twiml') ?? ''
  const [to, from] = [fields.get('To') ?? '', fields.get('From') ?? '']
  if (!PHONE.test(to)) return `The phone number you are attempting to call, ${to}, is not valid.`
  if (!PHONE.test(from)) return 'The source phone number is not valid'
  if (script === '' || script.length > 4_000) return 'Twiml must have 1 to 4000 characters'
  if (!isScript(script)) return 'Twiml is no document'
  const events = fields.getAll('StatusCallbackEvent')
  if (events.some((event) => !['initiated', 'ringing', 'answered', 'completed'].includes(event)))
    return 'StatusCallbackEvent is not valid'
  return undefined
}

/** Well-formed as far as our verbs go: each is closed by its own end, and text is escaped. */
function isScript(script: string): boolean {
  const open: string[] = []
  const rest = script
    .replace(/^<\?xml[^?]*\?>/, '')
    .replaceAll(
      /<(\/?)(Response|Gather|Say|Pause|Hangup)((?: \w+="[^"<>]*")*)(\/?)>/g,
      (...tag) => {
        const [, isEnd, name, , isEmpty] = tag
        if (isEmpty) return ''
        if (!isEnd) open.push(name)
        else if (open.pop() !== name) open.push('crossed')
        return ''
      },
    )
  return open.length === 0 && !/[<>]|&(?!(amp|lt|gt|quot|apos);)/.test(rest)
}

function wrongInText(fields: URLSearchParams): string | undefined {
  const [to, body] = [fields.get('To') ?? '', fields.get('Body') ?? '']
  if (!PHONE.test(to)) return `The 'To' number ${to} is not a valid phone number.`
  if (body === '' || body.length > 1_600) return 'The message body is missing or too long'
  return undefined
}
