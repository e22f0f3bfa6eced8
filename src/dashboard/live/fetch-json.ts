import { REQUEST_HEADER } from '../../protocol/public-paths.ts'
import { createValueStore } from './value-store.ts'

/** How often an answer said that nobody is signed in. */
export const turnedAwayStore = createValueStore(0)

/** An answer that takes longer than this will not come. */
const ANSWER_MS_MAX = 10_000

export type Answer<T> = { data: T } | { problem: LoadProblem }

/** Why something could not be loaded, for people. */
export type LoadProblem = {
  title: string
  detail?: string
  /** HTTP status; absent when nobody answered. */
  status?: number
  /** From the catalogue of error codes. */
  code?: string
}

/**
 * Loads JSON of the public interface, or sends it some. Never throws: what went wrong is part of the
 * answer.
 */
export async function fetchJson<T>(
  address: string,
  signal: AbortSignal,
  body?: object,
): Promise<Answer<T>> {
  try {
    const response = await fetch(address, {
      headers: {
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json', [REQUEST_HEADER]: 'dashboard' }),
      },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    })
    if (!response.ok) {
      const problem = await readProblem(response)
      if (problem.code === 'request.unauthorized') turnedAwayStore.set(turnedAwayStore.get() + 1)
      return { problem }
    }
    return { data: (await response.json()) as T }
  } catch (error) {
    const isTooSlow = error instanceof DOMException && error.name === 'TimeoutError'
    return {
      problem: {
        title: isTooSlow
          ? `The coordinator did not answer within ${ANSWER_MS_MAX / 1_000} s`
          : 'The coordinator cannot be reached',
      },
    }
  }
}

async function readProblem(response: Response): Promise<LoadProblem> {
  const body = (await response.json().catch(() => ({}))) as {
    title?: unknown
    detail?: unknown
    code?: unknown
  }
  return {
    title:
      typeof body.title === 'string'
        ? body.title.replace(/\.$/, '')
        : `The coordinator answered ${response.status}`,
    ...(typeof body.detail === 'string' && { detail: body.detail }),
    ...(typeof body.code === 'string' && { code: body.code }),
    status: response.status,
  }
}
