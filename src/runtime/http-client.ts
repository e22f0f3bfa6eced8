import { Agent, request } from 'undici'

/** Most bytes read of an answer; what our callers need is a status and a sentence. */
const ANSWER_BYTES_MAX = 256 * 1024

export type HttpAnswer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export type HttpClient = {
  /** Posts a body. Redirects are not followed: a redirect is an answer like any other. */
  post(
    url: string,
    body: string,
    options: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Connections to the outside that notifiers use; each call brings its own deadline as a signal. */
export function createHttpClient(): HttpClient {
  const agent = new Agent({ connect: { timeout: 5_000 }, maxResponseSize: ANSWER_BYTES_MAX })
  return {
    async post(url, body, { headers, signal }) {
      const answer = await request(url, {
        method: 'POST',
        body,
        headers,
        signal,
        dispatcher: agent,
      })
      return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
    },
    close: () => agent.close(),
  }
}
