import type { Retry } from '../protocol/check-base.ts'
import type { RunError, RunErrorType, Verdict } from '../protocol/run.ts'

/** What a fresh connection a moment later may not meet again. What a server says, it says twice. */
const NETWORK_ERRORS: ReadonlySet<RunErrorType> = new Set([
  'dns.no_answer',
  'dns.server_failure',
  'dns.refused',
  'dns.timeout',
  'dns.malformed',
  'dns.not_found',
  'connect.refused',
  'connect.reset',
  'connect.timeout',
  'connect.unreachable',
  'proxy.refused',
  'tls.handshake',
  'websocket.closed',
  'icmp.no_answer',
  'timeout',
])

export type RetryDecision = { isRetried: boolean; because: string }

/**
 * Whether a failed attempt is repeated, and why in words. Only failures of the target are: what failed
 * here would fail here again, and a degraded answer is an answer.
 */
export function isRetried(
  { verdict, error }: { verdict: Verdict; error?: RunError | undefined },
  retry: Retry,
): RetryDecision {
  if (verdict === 'probe_fault')
    return {
      isRetried: false,
      because: 'what the probe could not do says nothing about the target',
    }
  if (verdict !== 'failed') return { isRetried: false, because: 'the target answered' }
  if (retry.on === 'any') return { isRetried: true, because: 'every failure is tried again' }
  const type = error?.type ?? 'other'
  return NETWORK_ERRORS.has(type)
    ? { isRetried: true, because: `${type} is a failure of the network` }
    : { isRetried: false, because: `${type} is the target's answer, not a failure of the network` }
}
