import { constants, hash } from 'node:crypto'
import {
  createSecureContext,
  DEFAULT_CIPHERS,
  getCACertificates,
  type SecureContext,
} from 'node:tls'
import { messageOf } from '../../base/app-error.ts'
import type { ClientCertificate } from '../../protocol/check-base.ts'
import { CheckError } from '../checks/check-runner.ts'

/** Different sets of authorities and client certificates that checks of one probe bring along. */
const CONTEXTS_MAX = 64

/** As of any client of today, or with all that OpenSSL can still do, so that old servers show themselves. */
export type TlsManner = 'modern' | 'anything'

export type ContextOptions = {
  trustedRoots?: string | undefined
  clientCertificate?: ClientCertificate | undefined
  /** A secret's value by its name; needed with a client certificate. */
  secret?: ((name: string) => string | undefined) | undefined
}

/** What a modern client offers comes first, so that a server which can do better is seen doing it. */
const ANY_CIPHER = [
  ...DEFAULT_CIPHERS.split(':').filter((name) => !name.startsWith('!')),
  'ALL',
  '!aNULL',
  '!eNULL',
  '!PSK',
  '!SRP',
  '@SECLEVEL=0',
].join(':')

const MANNERS = {
  modern: {},
  anything: {
    minVersion: 'TLSv1',
    ciphers: ANY_CIPHER,
    // Servers that never heard of RFC 5746.
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  },
} as const

const contexts = new Map<string, SecureContext>()

/**
 * Whom the client trusts (the system's authorities and, besides, those of the check), and who it is.
 * Made once for each set, because reading all authorities takes some 13 ms of the event loop that
 * measures. A context holds no sessions: handshakes stay complete ones.
 *
 * @throws {CheckError} `probe.secret_missing` when the key is not there, or is not the certificate's.
 */
export function tlsContext(manner: TlsManner, options: ContextOptions): SecureContext {
  const { trustedRoots = '', clientCertificate, secret = () => undefined } = options
  const key = clientCertificate && keyFor(clientCertificate, secret)
  // The key is only in the context, not in the name that it is found by.
  const name = hash(
    'sha256',
    JSON.stringify([manner, trustedRoots, clientCertificate?.certificate, key]),
  )
  const known = contexts.get(name)
  if (known) return known
  const ca =
    trustedRoots.trim() === '' ? {} : { ca: [...getCACertificates('default'), trustedRoots] }
  const context = createContext({ ...MANNERS[manner], ...ca }, clientCertificate, key)
  const oldest = contexts.size >= CONTEXTS_MAX ? contexts.keys().next().value : undefined
  if (oldest !== undefined) contexts.delete(oldest)
  contexts.set(name, context)
  return context
}

function keyFor(
  { key: name }: ClientCertificate,
  secret: (name: string) => string | undefined,
): string {
  const key = secret(name)
  if (key !== undefined) return key
  throw new CheckError(
    'probe.secret_missing',
    `this probe does not have the secret ${name}, the private key of the client certificate`,
  )
}

function createContext(
  options: Parameters<typeof createSecureContext>[0],
  identity: ClientCertificate | undefined,
  key: string | undefined,
): SecureContext {
  if (!identity || key === undefined) return createSecureContext(options)
  try {
    return createSecureContext({ ...options, cert: identity.certificate, key })
  } catch (error) {
    throw new CheckError(
      'probe.secret_missing',
      `the secret ${identity.key} is not the private key of the client certificate, as PEM: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
