import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/** Different sets of authorities that checks of one probe bring along. */
const CONTEXTS_MAX = 32

// Reading all authorities of the system takes some 13 ms of the event loop that measures; so it is
// done once for each set. A context holds no sessions: handshakes stay complete ones.
const contexts = new Map<string, SecureContext>()

/** What a client trusts: the system's authorities and, besides, those of the check. */
export function secureContextFor(trustedRoots = ''): SecureContext {
  const known = contexts.get(trustedRoots)
  if (known) return known
  const context = createSecureContext(
    trustedRoots.trim() === '' ? {} : { ca: [...getCACertificates('default'), trustedRoots] },
  )
  const oldest = contexts.size >= CONTEXTS_MAX ? contexts.keys().next().value : undefined
  if (oldest !== undefined) contexts.delete(oldest)
  contexts.set(trustedRoots, context)
  return context
}
