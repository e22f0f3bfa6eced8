import { Agent, request } from 'undici'

/** Most bytes read of an answer; what our callers need is a status and a sentence. */
const ANSWER_BYTES_MAX = 1024 * 1024

export type HttpAnswer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

type Options = { headers: Record<string, string>; signal: AbortSignal }

export type HttpClient = {
  /** Asks for what is at an address. Redirects are answers here as well. */
  get(url: string, options: Options): Promise<HttpAnswer>
  /** Posts a body. Redirects are not followed: a redirect is an answer like any other. */
  post(url: string, body: string, options: Options): Promise<HttpAnswer>
  /** The same for what changes a part of what is there. */
  patch(url: string, body: string, options: Options): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Connections to the outside, of notifiers and of those who look; each call brings its own deadline as a signal. */
export function createHttpClient(): HttpClient {
  const agent = new Agent({ connect: { timeout: 5_000 }, maxResponseSize: ANSWER_BYTES_MAX })
  const ask = async (
    url: string,
    options: Options & { method: 'GET' | 'POST' | 'PATCH'; body?: string },
  ) => {
    const answer = await request(url, { ...options, dispatcher: agent })
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
  }
  return {
    get: (url, options) => ask(url, { method: 'GET', ...options }),
    post: (url, body, options) => ask(url, { method: 'POST', body, ...options }),
    patch: (url, body, options) => ask(url, { method: 'PATCH', body, ...options }),
    close: () => agent.close(),
  }
}
