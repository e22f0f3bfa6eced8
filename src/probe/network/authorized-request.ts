import type { Auth } from '../../protocol/check-base.ts'
import type { Findings } from '../checks/check-runner.ts'
import type { TokenParts } from './access-token.ts'
import { authorize } from './authorize.ts'
import {
  type HttpRequest,
  type HttpRequestOptions,
  type HttpRequestParts,
  type HttpResponse,
  performRequest,
} from './http-request.ts'
import { createPhaseMeter } from './phase-meter.ts'

export type AuthorizedParts = Omit<HttpRequestParts, 'meter'> & TokenParts

/**
 * Makes a request with the login that it has, if it has one. A token that was kept and is refused (401)
 * says nothing yet: servers revoke tokens, and restart. Then the request is made again with a new one,
 * and only that is measured.
 */
export async function performAuthorized(
  request: HttpRequest,
  auth: Auth | undefined,
  options: HttpRequestOptions,
  parts: AuthorizedParts,
): Promise<HttpResponse> {
  if (!auth) return perform(request, options, parts)
  const { header, isKept, forget } = await authorize(auth, options, parts)
  if (!isKept) {
    const response = await perform(withLogin(request, header), options, parts)
    if (response.status === 401) forget()
    return response
  }
  const { findings, release } = holdBack(parts.context.findings)
  const { onHead, ...held } = { ...parts, context: { ...parts.context, findings } }
  const { clock } = parts.context
  const askedAt = clock.monotonic()
  let isRefused = false
  try {
    const response = await perform(withLogin(request, header), options, {
      ...held,
      onHead(head) {
        if (head.status !== 401) onHead?.(head)
      },
    })
    isRefused = response.status === 401
    if (!isRefused) return response
  } finally {
    if (!isRefused) release()
  }
  parts.onUncounted?.(clock.monotonic() - askedAt)
  forget()
  const again = await authorize(auth, options, parts)
  return perform(withLogin(request, again.header), options, parts)
}

function perform(request: HttpRequest, options: HttpRequestOptions, parts: AuthorizedParts) {
  const { timeoutMs, onUncounted: _, ...rest } = parts
  return performRequest(request, options, {
    ...rest,
    meter: createPhaseMeter(parts.context, timeoutMs),
  })
}

function withLogin(request: HttpRequest, authorization: string): HttpRequest {
  const others = Object.entries(request.headers).filter(
    ([name]) => name.toLowerCase() !== 'authorization',
  )
  return { ...request, headers: { ...Object.fromEntries(others), authorization } }
}

/** Keeps back what is measured, until it is known to count. */
function holdBack(findings: Findings): { findings: Findings; release(): void } {
  const held: (() => void)[] = []
  return {
    findings: {
      ...findings,
      phase: (name, ms) => void held.push(() => findings.phase(name, ms)),
      subject: (...args) => void held.push(() => findings.subject(...args)),
    },
    release() {
      for (const write of held) write()
    },
  }
}
