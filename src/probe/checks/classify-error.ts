import { isIPv6 } from 'node:net'
import { codeOf, messageOf } from '../../base/app-error.ts'
import type { RunError, RunErrorType } from '../../protocol/run.ts'
import { CERTIFICATE_PROBLEMS } from '../network/certificate-problems.ts'
import { CheckError } from './check-runner.ts'

type Meaning = { type: RunErrorType; words: (target: string) => string }

const reset: Meaning = {
  type: 'connect.reset',
  words: (target) => `the connection to ${target} was reset`,
}
const unreachable: Meaning = {
  type: 'connect.unreachable',
  words: (target) => `no route to ${target}`,
}
/** Nothing left this machine: it says nothing about the target. */
const noNetwork: Meaning = {
  type: 'probe.network',
  words: (target) => `this probe has no network that leads to ${target}`,
}
const late: Meaning = { type: 'timeout', words: (target) => `${target} did not answer in time` }
const exhausted = (what: string): Meaning => ({
  type: 'probe.out_of_resources',
  words: () => `this probe has ${what}`,
})

const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    ECONNREFUSED: {
      type: 'connect.refused',
      words: (target) => `connection to ${target} refused`,
    },
    ECONNRESET: reset,
    ECONNABORTED: reset,
    EPIPE: reset,
    ETIMEDOUT: { type: 'connect.timeout', words: (target) => `no connection to ${target} in time` },
    EHOSTUNREACH: unreachable,
    EHOSTDOWN: unreachable,
    ENETUNREACH: noNetwork,
    ENETDOWN: noNetwork,

    UND_ERR_CONNECT_TIMEOUT: {
      type: 'connect.timeout',
      words: (target) => `no connection to ${target} in time`,
    },
    UND_ERR_HEADERS_TIMEOUT: late,
    UND_ERR_BODY_TIMEOUT: late,
    UND_ERR_SOCKET: {
      type: 'connect.reset',
      words: (target) => `${target} closed the connection before its answer was complete`,
    },
    UND_ERR_HEADERS_OVERFLOW: {
      type: 'http.too_large',
      words: (target) => `the headers of ${target} are larger than the probe reads`,
    },
    HPE_HEADER_OVERFLOW: {
      type: 'http.too_large',
      words: (target) => `the headers of ${target} are larger than the probe reads`,
    },
    UND_ERR_RES_EXCEEDED_MAX_SIZE: {
      type: 'http.too_large',
      words: (target) => `the body of ${target} is larger than the probe reads`,
    },
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
      type: 'http.malformed',
      words: (target) => `the body of ${target} is not as long as its content-length says`,
    },

    EMFILE: exhausted('no file descriptor left'),
    ENFILE: exhausted('no file descriptor left'),
    EADDRNOTAVAIL: exhausted('no local address or port left to connect from'),
    EADDRINUSE: exhausted('no local port left to connect from'),
    ENOBUFS: exhausted('no network buffers left'),
    ENOMEM: exhausted('no memory left'),
    ENOSPC: exhausted('no disk space left'),
  }),
)

/**
 * Says whose fault a thrown error is, and what happened, in words. What is not known to come from
 * the target is the probe's: a bug of ours must not page the people of the shop.
 */
export function classifyError(thrown: unknown, target = 'the target'): RunError {
  if (thrown instanceof CheckError) return thrown.toRunError()
  if (thrown instanceof AggregateError) return classifyAttempts(thrown.errors, target)
  if (isParserError(thrown)) return notHttp(thrown, target)
  const code = codeOf(thrown) ?? ''
  const meaning = MEANINGS.get(code)
  if (meaning) return { type: meaning.type, message: meaning.words(withAddress(target, thrown)) }
  const certificateProblem = CERTIFICATE_PROBLEMS.get(code)
  if (certificateProblem)
    return { type: certificateProblem.type, message: `${target}: ${certificateProblem.words}` }
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code))
    return { type: 'tls.handshake', message: handshakeWords(thrown, target) }
  return { type: 'probe.internal', message: `the check itself broke: ${messageOf(thrown)}` }
}

/** Node's and undici's parser: the error's code is `HPE_…`, or missing in some versions. */
function isParserError(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error) || codeOf(thrown) === 'HPE_HEADER_OVERFLOW') return false
  if (thrown.name === 'HTTPParserError' || codeOf(thrown)?.startsWith('HPE_')) return true
  // It speaks of a connection that it gave up because of what came.
  return codeOf(thrown) === 'UND_ERR_SOCKET' && /^bad (upgrade|response)/.test(thrown.message)
}

const notHttp = (thrown: Error, target: string): RunError => ({
  type: 'http.malformed',
  message: `${target} did not answer with valid HTTP: ${thrown.message}`,
})

/** Whether it speaks about the probe, and not about the target. */
export const isProbeFault = ({ type }: Pick<RunError, 'type'>): boolean => type.startsWith('probe.')

/** Several addresses were tried. What one of them did counts more than that we cannot reach others. */
function classifyAttempts(errors: readonly unknown[], target: string): RunError {
  const classified = errors.map((error) => classifyError(error, target))
  const ofTarget = classified.find((error) => !isProbeFault(error))
  return ofTarget ?? classified[0] ?? classifyError(undefined, target)
}

/** The name that was meant, and the address where it went wrong when that is not the same. */
function withAddress(target: string, thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return target
  const { address, port } = thrown as { address?: unknown; port?: unknown }
  if (typeof address !== 'string' || typeof port !== 'number') return target
  const endpoint = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
  return target === endpoint || target === 'the target' ? endpoint : `${target} (${endpoint})`
}

/** OpenSSL's message begins with addresses in memory; its `reason` is the part for people. */
function handshakeWords(thrown: unknown, target: string): string {
  const { reason } = thrown as { reason?: unknown }
  const words = typeof reason === 'string' ? reason : messageOf(thrown)
  if (/wrong version number|packet length too long|http request/i.test(words))
    return `${target} does not speak TLS (${words})`
  return `TLS handshake with ${target} failed: ${words}`
}
