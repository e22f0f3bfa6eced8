import type { Socket } from 'node:net'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import { isWeak } from './certificate-key.ts'
import { CERTIFICATE_PROBLEMS } from './certificate-problems.ts'
import { type InspectOptions, inspectTls } from './inspect-tls.ts'
import type { InspectedPeer } from './peer-certificate.ts'

/**
 * What clients of today make of a server: `refused` has OpenSSL's code and words for a bad chain, or
 * what stops the handshake itself; `unknown` that nothing came of asking.
 */
export type ClientVerdict =
  | { kind: 'accepted' }
  | { kind: 'refused'; code: string | undefined; words: string }
  | { kind: 'unknown'; words: string }

/**
 * Whether the inspecting handshake alone tells what clients make of the server.
 *
 * OpenSSL verifies the chain in that handshake as well, and only does not act on it; so its verdict is
 * a client's wherever the two would have made the same handshake. That is so with TLS 1.3 and strong
 * certificates, which is nearly always. With an older protocol the inspecting one may have agreed to
 * what clients refuse, it overlooks weak keys and signatures (it must, to see them), and for some
 * faults Node has no code, and the words only in the error of a handshake that was refused. Only then
 * is a second connection made.
 */
export function isClientsVerdict({ protocol, served, authorizationError }: InspectedPeer): boolean {
  if (protocol !== 'TLSv1.3' || served.some(isWeak)) return false
  return authorizationError === undefined || isKnownCode(authorizationError)
}

const isKnownCode = (code: string): boolean =>
  code !== 'UNSPECIFIED' && CERTIFICATE_PROBLEMS.has(code)

/** Connects once more as a client of today would, which ends the handshake when the chain is bad. */
export async function verifyAsClient(
  open: () => Promise<Socket>,
  options: Omit<InspectOptions, 'manner' | 'isStrict' | 'signal'>,
  signal: AbortSignal,
): Promise<ClientVerdict> {
  let tcp: Socket | undefined
  try {
    tcp = await open()
    signal.throwIfAborted()
    const strictly = { ...options, manner: 'modern', isStrict: true, signal } as const
    const { socket } = await inspectTls(tcp, strictly)
    socket.destroy()
    return { kind: 'accepted' }
  } catch (error) {
    return explain(error, signal)
  } finally {
    tcp?.destroy()
  }
}

function explain(error: unknown, signal: AbortSignal): ClientVerdict {
  if (signal.aborted) return { kind: 'unknown', words: 'there was no time left for it' }
  // The network's: the same server answered a moment ago, so it says nothing about the certificate.
  if (error instanceof CheckError) return { kind: 'unknown', words: error.message }
  const code = codeOf(error) ?? ''
  if (CERTIFICATE_PROBLEMS.has(code)) return { kind: 'refused', code, words: messageOf(error) }
  if (!/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code))
    return { kind: 'unknown', words: messageOf(error) }
  const { reason } = error as { reason?: unknown }
  const words = typeof reason === 'string' ? reason : messageOf(error)
  return { kind: 'refused', code: undefined, words }
}
