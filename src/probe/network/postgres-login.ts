import {
  continueSession,
  finalizeSession,
  type ScramSession,
  startSession,
} from 'pg/lib/crypto/sasl.js'
import { postgresMd5PasswordHash } from 'pg/lib/crypto/utils.js'
import { messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import {
  type LoginRequest,
  passwordMessage,
  saslInitialMessage,
  saslMessage,
} from './postgres-message.ts'

/** What a server asks for in one login; SCRAM, the longest, takes four. */
const REQUESTS_MAX = 8

export type LoginParts = {
  user: string
  /** Undefined when the check names none. @throws {CheckError} when this probe does not have it. */
  password(): string | undefined
  isEncrypted: boolean
  /** For messages: `db.test:5432`. */
  target: string
}

/** Answers what a server asks for; undefined when there is nothing to say. */
export type LoginDialogue = (request: LoginRequest) => Promise<Buffer | undefined>

/**
 * The client's side of a login: by trust, password, MD5 or SCRAM-SHA-256.
 *
 * @throws {CheckError} `postgres.login`; `probe.secret_missing`.
 */
export function createLoginDialogue({
  user,
  password,
  isEncrypted,
  target,
}: LoginParts): LoginDialogue {
  let requests = 0
  let scram: ScramSession | undefined
  let isProven = true
  const refuse = (words: string) => new CheckError('postgres.login', `${target} ${words}`)
  const passwordFor = (way: string): string => {
    const value = password()
    if (value !== undefined && value !== '') return value
    throw refuse(
      value === undefined
        ? `asks ${user} for a password (${way}), and the check names none: set "password" to the name of a secret`
        : `asks ${user} for a password (${way}), and the secret is empty`,
    )
  }
  /** What the other side said broke the rules of SCRAM, or the password is not the one it knows. */
  const bySasl = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof CheckError) throw error
      throw refuse(`does not keep to SCRAM-SHA-256 in the login of ${user}: ${messageOf(error)}`)
    }
  }

  return async (request) => {
    requests += 1
    if (requests > REQUESTS_MAX)
      throw refuse(`asks for more than ${REQUESTS_MAX} things in one login`)
    switch (request.kind) {
      case 'ok':
        // Whoever does not know the password could say so as well.
        if (!isProven) throw refuse('accepts the login without proof that it knows the password')
        return undefined
      case 'cleartext': {
        const value = passwordFor('in clear text')
        if (!isEncrypted)
          throw refuse(
            `asks for the password of ${user} in clear text without TLS, and does not get it: set security to verify, or scram-sha-256 in pg_hba.conf`,
          )
        return passwordMessage(value)
      }
      case 'md5':
        return passwordMessage(
          await postgresMd5PasswordHash(user, passwordFor('MD5'), request.salt),
        )
      case 'sasl': {
        passwordFor('SCRAM-SHA-256')
        scram = await bySasl(() => startSession(request.mechanisms))
        isProven = false
        return saslInitialMessage(scram.mechanism, scram.response)
      }
      case 'sasl_continue': {
        const session = scram
        if (!session) throw refuse('goes on with a login by SCRAM that it did not begin')
        await bySasl(() => continueSession(session, passwordFor('SCRAM-SHA-256'), request.data))
        return saslMessage(session.response)
      }
      case 'sasl_final': {
        const session = scram
        if (!session) throw refuse('ends a login by SCRAM that it did not begin')
        await bySasl(() => finalizeSession(session, request.data))
        isProven = true
        return undefined
      }
      case 'other':
        throw refuse(
          `asks ${user} for a way of login that the probe does not know (number ${request.number}); trust, password, md5 and scram-sha-256 are known`,
        )
    }
  }
}
