import { createHash } from 'node:crypto'
import { AppError } from '../../base/app-error.ts'
import {
  ACCOUNT_LIMITS,
  ADDRESS_LIMITS,
  attemptWaitMs,
  countAttempt,
} from '../../domain/access/pace-attempts.ts'
import { Login } from '../../protocol/people-api.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { findAccount, saveAccount } from '../store/accounts.ts'
import { endCredential, endCredentialsOf } from '../store/credentials.ts'
import {
  clearAttempts,
  saveAttempts,
  takeAttempts,
  takeBackAttempt,
} from '../store/sign-in-attempts.ts'
import type { Person } from './caller.ts'
import { type OpenedSession, openSession, type Provenance } from './sessions.ts'

/** What a person is known by until they have proven it. */
export type Attempt = { login: string; password: string; provenance: Provenance }

/**
 * Lets somebody in by password. Whether the account exists, has another password or is switched off
 * makes no difference to who asks: neither in the answer nor in the time that it takes.
 *
 * @throws {AppError} `sign_in.refused`, `sign_in.wait`, `request.too_many`
 */
export async function signInByPassword(
  parts: CoordinatorParts,
  { login: typed, password, provenance }: Attempt,
): Promise<OpenedSession> {
  const { store, passwords, clock, access: settings } = parts
  const login = Login.safeParse(typed).data
  const subjects = subjectsOf(typed, provenance.from)
  await admitAttempt(parts, subjects)
  const account = login === undefined ? undefined : await findAccount(store, { login })
  const isRight = await passwords.isRight(password, account?.password)
  if (!account || !isRight || account.disabledAt !== undefined)
    throw new AppError('sign_in.refused', 'try again, or ask an admin for a new link')
  return store.transaction(async (tx) => {
    await clearAttempts(tx, subjects.account)
    // Failures of other accounts from there stay: else one's own account would be a way to go on.
    await takeBackAttempt(tx, subjects.address)
    return openSession(tx, account, { settings, now: clock.now(), provenance })
  })
}

type Subjects = { account: string; address: string }

/** Logins only as hashes: people type their password there by mistake. */
const subjectsOf = (typed: string, from: string): Subjects => ({
  account: `account ${createHash('sha256').update(typed.trim().toLowerCase()).digest('hex')}`,
  address: `address ${from}`,
})

/** Counts an attempt as failed before it is looked at, or refuses it because there were too many. */
async function admitAttempt(
  { store, clock }: CoordinatorParts,
  { account, address }: Subjects,
): Promise<void> {
  const now = clock.now()
  const waitMs = await store.transaction(async (tx) => {
    const each = [
      { subject: account, limits: ACCOUNT_LIMITS, known: await takeAttempts(tx, account, now) },
      { subject: address, limits: ADDRESS_LIMITS, known: await takeAttempts(tx, address, now) },
    ]
    const wait = Math.max(...each.map(({ known, limits }) => attemptWaitMs(known, limits, now)))
    if (wait > 0) return wait
    for (const { subject, limits, known } of each)
      await saveAttempts(tx, subject, countAttempt(known, limits, now))
    return 0
  })
  if (waitMs > 0)
    throw new AppError('sign_in.wait', `the next one in ${Math.ceil(waitMs / 1_000)} s`, { waitMs })
}

/** Ends one's own session, or all of them. @returns how many ended. */
export async function signOutOf(
  { store, clock }: CoordinatorParts,
  { login, by, credentialId }: Person,
  everywhere: boolean,
): Promise<number> {
  const now = clock.now()
  if (everywhere) return endCredentialsOf(store, login, { kinds: ['session'], now })
  if (by !== 'session')
    throw new AppError('request.invalid', 'a token is not signed out; revoke it')
  return (await endCredential(store, credentialId, now)) ? 1 : 0
}

/**
 * Gives somebody who is signed in a new password. Every session of theirs ends, and they get a new one.
 *
 * @throws {AppError} `sign_in.refused` when the present one is wrong; `sign_in.wait` after too many such
 */
export async function changePasswordOf(
  parts: CoordinatorParts,
  person: Person,
  {
    present,
    next,
    provenance,
  }: {
    present: string
    next: string
    provenance: Provenance
  },
): Promise<OpenedSession> {
  const { store, passwords, clock, access: settings } = parts
  // Whoever sits at somebody's open session guesses no faster than at the door.
  const subjects = subjectsOf(person.login, provenance.from)
  await admitAttempt(parts, subjects)
  const known = await findAccount(store, { login: person.login })
  if (!(await passwords.isRight(present, known?.password)))
    throw new AppError('sign_in.refused', 'the present password is another one')
  const password = await passwords.hash(next)
  return store.transaction(async (tx) => {
    const now = clock.now()
    const account = await findAccount(tx, { login: person.login })
    if (!account) throw new AppError('account.unknown', person.login)
    await clearAttempts(tx, subjects.account)
    await takeBackAttempt(tx, subjects.address)
    await endCredentialsOf(tx, person.login, { kinds: ['session'], now })
    await saveAccount(tx, { ...account, password })
    return openSession(tx, { ...account, password }, { settings, now, provenance })
  })
}
