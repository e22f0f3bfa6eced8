import { hash } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { messageOf } from '../../base/app-error.ts'
import type { ClientCertificate } from '../../protocol/check-base.ts'
import { CheckError } from '../checks/check-runner.ts'

/** Different sets of authorities and of client certificates that checks of one probe bring along. */
const CONTEXTS_MAX = 32

/** Who the client is: PEM of its certificate and of its private key. */
export type ClientIdentity = {
  certificate: string
  key: string
  /** Name of the secret that the key comes from. */
  keyName: string
}

// Reading all authorities of the system takes some 13 ms of the event loop that measures; so it is
// done once for each set. A context holds no sessions: handshakes stay complete ones.
const contexts = new Map<string, SecureContext>()

/**
 * What a client trusts: the system's authorities and, besides, those of the check; and who it is.
 *
 * @throws {CheckError} `probe.secret_missing` when the secret is not the key of the certificate.
 */
export function secureContextFor(trustedRoots = '', identity?: ClientIdentity): SecureContext {
  // Keys lie in memory once, in the context, and not in the name that it is found by.
  const name = identity
    ? hash('sha256', JSON.stringify([trustedRoots, identity.certificate, identity.key]))
    : trustedRoots
  const known = contexts.get(name)
  if (known) return known
  const context = createContext(trustedRoots, identity)
  const oldest = contexts.size >= CONTEXTS_MAX ? contexts.keys().next().value : undefined
  if (oldest !== undefined) contexts.delete(oldest)
  contexts.set(name, context)
  return context
}

function createContext(trustedRoots: string, identity: ClientIdentity | undefined): SecureContext {
  const ca =
    trustedRoots.trim() === '' ? {} : { ca: [...getCACertificates('default'), trustedRoots] }
  if (!identity) return createSecureContext(ca)
  const { certificate: cert, key, keyName } = identity
  try {
    return createSecureContext({ ...ca, cert, key })
  } catch (error) {
    throw new CheckError(
      'probe.secret_missing',
      `the secret ${keyName} is not the private key of the client certificate, as PEM: ${messageOf(error)}`,
    )
  }
}

/** @throws {CheckError} `probe.secret_missing` */
export function readIdentity(
  { certificate, key: keyName }: ClientCertificate,
  secret: (name: string) => string | undefined,
): ClientIdentity {
  const key = secret(keyName)
  if (key !== undefined) return { certificate, key, keyName }
  throw new CheckError(
    'probe.secret_missing',
    `this probe does not have ${keyName}, the key of the client certificate`,
  )
}
