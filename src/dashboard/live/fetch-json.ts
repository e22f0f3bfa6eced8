/** An answer that takes longer than this will not come. */
const ANSWER_MS_MAX = 10_000

export type Answer<T> = { data: T } | { problem: LoadProblem }

/** Why something could not be loaded, for people. */
export type LoadProblem = {
  title: string
  detail?: string
  /** HTTP status; absent when nobody answered. */
  status?: number
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
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    })
    if (!response.ok) return { problem: await readProblem(response) }
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
  const body = (await response.json().catch(() => ({}))) as { title?: unknown; detail?: unknown }
  return {
    title:
      typeof body.title === 'string'
        ? body.title.replace(/\.$/, '')
        : `The coordinator answered ${response.status}`,
    ...(typeof body.detail === 'string' && { detail: body.detail }),
    status: response.status,
  }
}
