import type { BrowserContext } from 'playwright'

/** What requests carry, so that a target's own traces and logs can be found from a run. */
export type TraceHeaders = {
  /** W3C trace context. */
  traceparent: string
  runId: string
}

/** Header with the run's id, for searching the target's logs. */
export const RUN_ID_HEADER = 'x-firewatch-run-id'

/**
 * Adds the headers to requests to the origins that the check lists, and to no others: a header that a
 * foreign origin did not allow would make the browser refuse the answer (CORS).
 */
export async function carryTrace(
  context: BrowserContext,
  origins: readonly string[],
  { traceparent, runId }: TraceHeaders,
): Promise<void> {
  if (origins.length === 0) return
  const isListed = (url: URL) => origins.includes(url.origin)
  const added = {
    traceparent,
    baggage: 'user_agent.synthetic.type=test',
    [RUN_ID_HEADER]: runId,
  }
  await context.route(isListed, (route, request) =>
    route.fallback({ headers: { ...request.headers(), ...added } }),
  )
}
