import type { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import { Problem, type RouteContract, urlFor } from '../protocol/public-api.ts'
import { adviceFor, isAboutAccess, ownToken } from './own-token.ts'

/** Where the coordinator of the demo, and one that is started without more words, listens. */
export const COORDINATOR_HERE = 'http://127.0.0.1:8080'

/** What `--coordinator` is when nobody says. */
export const usualCoordinator = (): string =>
  process.env.FIREWATCH_COORDINATOR_URL ?? COORDINATOR_HERE

/** An answer takes milliseconds; who types does not wait for longer than this. */
const ANSWER_MS = 15_000

export type CoordinatorClient = {
  /**
   * @throws {AppError} `coordinator.unreachable`; `coordinator.refused` for an answer that is none of
   * the interface; the code of the problem where the coordinator says what is wrong.
   */
  ask<C extends RouteContract>(
    contract: C,
    input?: {
      params?: Record<string, string>
      query?: Record<string, string | number | undefined>
      body?: unknown
      /** For what takes its time, as reading weeks of runs does. */
      answerMs?: number
      /** Where the coordinator wants a secret of its own; else this terminal's token is shown. */
      token?: string | undefined
      /** Asking twice does nothing twice, so a lost answer is asked for again. */
      isRepeatable?: boolean
    },
  ): Promise<z.output<C['response']>>
  /** What a route answers that gives a document, as its bytes. */
  download(
    contract: RouteContract,
    input: { params: Record<string, string>; query?: Record<string, string> },
  ): Promise<Buffer>
}

/** Speaks the public interface. @throws {AppError} `request.invalid` when the address is none. */
export function coordinatorClient(address: string): CoordinatorClient {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new AppError(
      'request.invalid',
      `--coordinator: expected an address such as ${COORDINATOR_HERE}, got ${address}`,
    )
  return {
    async ask(contract, input = {}) {
      const { params = {}, query = {}, body, answerMs = ANSWER_MS } = input
      const token = input.token ?? (await ownToken(address))
      const { isRepeatable = hasCommandId(body) } = input
      const url = new URL(urlFor(contract, params, query), address)
      const response = await send(url, contract, { body, answerMs, token, isRepeatable })
      const answer: unknown = await response.json().catch(() => undefined)
      if (!response.ok) throw advised(refusalOf(answer, response.status, address), address, token)
      const parsed = contract.response.safeParse(answer)
      if (!parsed.success) throw foreign(address)
      return parsed.data as never
    },
    async download(contract, { params, query = {} }) {
      const url = new URL(urlFor(contract, params, query), address)
      const options = { body: undefined, answerMs: DOCUMENT_MS, token: undefined }
      const response = await send(url, contract, { ...options, isRepeatable: true })
      if (response.ok) return Buffer.from(await response.arrayBuffer())
      throw refusalOf(await response.json().catch(() => undefined), response.status, address)
    },
  }
}

/** A document is drawn before it is answered. */
const DOCUMENT_MS = 30_000

async function send(
  url: URL,
  { method }: RouteContract,
  options: {
    body: unknown
    answerMs: number
    token: string | undefined
    isRepeatable: boolean
  },
): Promise<Response> {
  const { body, answerMs, token, isRepeatable } = options
  const once = () =>
    fetch(url, {
      method,
      signal: AbortSignal.timeout(answerMs),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  try {
    // An answer may be lost on its way. With an id the second try does nothing twice.
    return await (isRepeatable ? once().catch(once) : once())
  } catch (error) {
    // `fetch failed` says nothing; what failed is its cause, which is printed below the message.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new AppError(
      'coordinator.unreachable',
      `the coordinator at ${url.origin} does not answer`,
      { cause },
    )
  }
}

const hasCommandId = (body: unknown) =>
  typeof body === 'object' && body !== null && 'commandId' in body

function refusalOf(answer: unknown, status: number, address: string): AppError {
  const problem = Problem.safeParse(answer)
  if (!problem.success) return foreign(address)
  const { code, title, detail } = problem.data
  if (status >= 500) return new AppError('coordinator.refused', `${address}: ${title}`)
  return new AppError(code, detail === undefined ? title : `${title} ${detail}`)
}

/** Who may not is told what to do about it. */
function advised(refusal: AppError, address: string, token: string | undefined): AppError {
  if (!isAboutAccess(refusal)) return refusal
  const advice = adviceFor(refusal.code, address, token)
  return new AppError(refusal.code, `${refusal.message}\n${advice}`)
}

const foreign = (address: string) =>
  new AppError(
    'coordinator.refused',
    `what listens at ${address} is no coordinator of this version`,
  )
