import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLoopback } from './listen.ts'

export type ReceivedWebhook = {
  headers: IncomingHttpHeaders
  body: string
  answered: number | 'dropped'
}

/** A receiver of webhooks that answers as told: with a status, or by breaking the connection. */
export type WebhookReceiver = {
  url: string
  received: ReceivedWebhook[]
  /** What the next deliveries get, in order; 204 after that. */
  answers: (number | 'dropped')[]
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const receiver: WebhookReceiver = { url: '', received: [], answers: [] }
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const answered = receiver.answers.shift() ?? 204
    receiver.received.push({ headers: request.headers, body, answered })
    if (answered === 'dropped') request.socket.destroy()
    else response.writeHead(answered).end()
  })
  receiver.url = `${await listenOnLoopback(server)}/hook`
  return receiver
}
