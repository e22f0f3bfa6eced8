import { AppError } from '../../base/app-error.ts'
import type { Role } from '../../protocol/access.ts'
import { type Account, DAY_MS, type Invitation } from '../../protocol/people-api.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import {
  ACCOUNTS_MAX,
  findAccount,
  listAccounts,
  lockAccounts,
  type StoredAccount,
  saveAccount,
} from '../store/accounts.ts'
import {
  addCredential,
  endCredential,
  endCredentialsOf,
  findCredential,
  listCredentials,
} from '../store/credentials.ts'
import type { Session } from '../store/store.ts'
import { hashOfSecret, isGood, mintCredential } from './secret.ts'
import { type OpenedSession, openSession, type Provenance } from './sessions.ts'

/** Long enough for a holiday's mail, short enough that a forgotten one is no way in. */
const INVITATION_MS = 7 * DAY_MS
/** Who starts a coordinator for the first time sits in front of it. */
const FIRST_INVITATION_MS = DAY_MS

const CREDENTIALS_MAX = 10_000

/** Everybody who may sign in, with how many sessions they have. */
export async function accountsOf(parts: CoordinatorParts): Promise<Account[]> {
  const { store, clock } = parts
  const now = clock.now()
  const sessions = await listCredentials(store, {
    kinds: ['session'],
    goodAt: now,
    limit: CREDENTIALS_MAX,
  })
  const open = Map.groupBy(
    sessions.filter(({ usedAt = 0 }) => now - usedAt < parts.access.sessionIdleMs),
    ({ login }) => login,
  )
  const found = await listAccounts(store)
  return found.map((account) => shown(account, open.get(account.login)?.length ?? 0))
}

const shown = (account: StoredAccount, sessions: number): Account => ({
  login: account.login,
  name: account.name,
  role: account.role,
  signsInBy: account.password ? 'password' : account.identity ? 'organisation' : 'invited',
  createdAt: account.createdAt,
  sessions,
  ...(account.email !== undefined && { email: account.email }),
  ...(account.disabledAt !== undefined && { disabledAt: account.disabledAt }),
  ...(account.lastSignInAt !== undefined && { lastSignInAt: account.lastSignInAt }),
})

/**
 * Makes an account without a password, and the one-time link to set it.
 *
 * @throws {AppError} `account.exists`, `request.too_many`
 */
export async function addInvitedAccount(
  { store, clock }: CoordinatorParts,
  wanted: { login: string; name: string; email?: string | undefined; role: Role },
  ownUrl: string,
): Promise<{ account: Account; invitation: Invitation }> {
  const now = clock.now()
  return store.transaction(async (tx) => {
    if (await findAccount(tx, { login: wanted.login }))
      throw new AppError('account.exists', wanted.login)
    if ((await listAccounts(tx)).length >= ACCOUNTS_MAX)
      throw new AppError('request.too_many', `at most ${ACCOUNTS_MAX} accounts`)
    const account: StoredAccount = {
      login: wanted.login,
      name: wanted.name,
      role: wanted.role,
      email: wanted.email,
      identity: undefined,
      password: undefined,
      createdAt: now,
      disabledAt: undefined,
      lastSignInAt: undefined,
    }
    await saveAccount(tx, account)
    return {
      account: shown(account, 0),
      invitation: await invite(tx, { now, login: wanted.login, ownUrl }),
    }
  })
}

/**
 * Changes a role, or switches an account off and on.
 *
 * @throws {AppError} `account.unknown`, `account.last_admin`
 */
export async function changeAccountOf(
  { store, clock }: CoordinatorParts,
  login: string,
  { role, isDisabled }: { role?: Role | undefined; isDisabled?: boolean | undefined },
): Promise<Account> {
  const now = clock.now()
  return store.transaction(async (tx) => {
    await lockAccounts(tx)
    const account = await findAccount(tx, { login })
    if (!account) throw new AppError('account.unknown', login)
    const disabledAt = isDisabled === undefined ? account.disabledAt : isDisabled ? now : undefined
    const changed = { ...account, role: role ?? account.role, disabledAt }
    if (isAdmin(account) && !isAdmin(changed)) {
      const others = (await listAccounts(tx)).filter((other) => other.login !== login)
      if (!others.some((other) => isAdmin(other) && signsIn(other)))
        throw new AppError('account.last_admin', `make somebody else admin before ${login} is not`)
    }
    await saveAccount(tx, changed)
    if (isDisabled)
      await endCredentialsOf(tx, login, { kinds: ['session', 'token', 'invitation'], now })
    const sessions = await listCredentials(tx, {
      kinds: ['session'],
      login,
      goodAt: now,
      limit: CREDENTIALS_MAX,
    })
    return shown(changed, sessions.length)
  })
}

const isAdmin = ({ role, disabledAt }: StoredAccount) =>
  role === 'admin' && disabledAt === undefined
const signsIn = ({ password, identity }: StoredAccount) =>
  password !== undefined || identity !== undefined

/** A new one-time link for an account. @throws {AppError} `account.unknown` */
export async function inviteAgainTo(
  { store, clock }: CoordinatorParts,
  login: string,
  ownUrl: string,
): Promise<Invitation> {
  return store.transaction(async (tx) => {
    const account = await findAccount(tx, { login })
    if (!account || account.disabledAt !== undefined) throw new AppError('account.unknown', login)
    const now = clock.now()
    await endCredentialsOf(tx, login, { kinds: ['invitation'], now })
    return invite(tx, { now, login, ownUrl })
  })
}

async function invite(
  tx: Session,
  {
    now,
    login,
    ownUrl,
    forMs = INVITATION_MS,
    role,
  }: {
    now: number
    login?: string
    ownUrl: string
    forMs?: number
    role?: Role
  },
): Promise<Invitation> {
  const { credential, secret } = mintCredential('invitation', {
    now,
    forMs,
    login,
    details: { ...(role && { role }) },
  })
  await addCredential(tx, credential)
  // After the #, so that it is in no log of any server or proxy on the way.
  const whose = login === undefined ? '' : `?login=${encodeURIComponent(login)}`
  return { link: `${ownUrl}/join${whose}#${secret}`, expiresAt: now + forMs }
}

/**
 * The one-time link for the first admin; undefined when there is one, or the organisation says who is.
 * Each start without an admin makes a new one, and ends those before.
 */
export async function inviteFirstAdmin(
  { store, clock, access }: CoordinatorParts,
  ownUrl: string,
): Promise<Invitation | undefined> {
  if (access.signIn === 'off') return undefined
  return store.transaction(async (tx) => {
    const accounts = await listAccounts(tx)
    if (accounts.some((account) => isAdmin(account) && signsIn(account))) return undefined
    const now = clock.now()
    const open = await listCredentials(tx, {
      kinds: ['invitation'],
      goodAt: now,
      limit: CREDENTIALS_MAX,
    })
    for (const { id, login } of open) if (login === undefined) await endCredential(tx, id, now)
    return invite(tx, { now, ownUrl, forMs: FIRST_INVITATION_MS, role: 'admin' })
  })
}

/** Makes the account that the environment names, unless there is one of its login. */
export async function addFirstAdmin({
  store,
  clock,
  passwords,
  access: { firstAdmin },
}: CoordinatorParts): Promise<void> {
  if (!firstAdmin || (await findAccount(store, { login: firstAdmin.login }))) return
  await saveAccount(store, {
    login: firstAdmin.login,
    name: firstAdmin.login,
    role: 'admin',
    email: undefined,
    identity: undefined,
    password: await passwords.hash(firstAdmin.password),
    createdAt: clock.now(),
    disabledAt: undefined,
    lastSignInAt: undefined,
  })
}

/**
 * Takes a one-time link: makes its account or gives it a new password, ends all sessions of it, and
 * begins one.
 *
 * @throws {AppError} `invitation.unknown`, `account.exists`, `request.invalid`
 */
export async function takeInvitation(
  parts: CoordinatorParts,
  asked: {
    token: string
    login?: string | undefined
    name?: string | undefined
    password: string
    provenance: Provenance
  },
): Promise<OpenedSession> {
  const { store, clock, passwords, access: settings } = parts
  const secretHash = hashOfSecret(asked.token)
  const find = async (session: Session) => {
    const invitation = await findCredential(session, { secretHash })
    if (invitation?.kind !== 'invitation' || !isGood(invitation, clock.now()))
      throw new AppError('invitation.unknown', 'ask an admin for a new one')
    return invitation
  }
  // A link that is none must not cost what hashing a password does.
  await find(store)
  const password = await passwords.hash(asked.password)
  return store.transaction(async (tx) => {
    const now = clock.now()
    const invitation = await find(tx)
    if (!(await endCredential(tx, invitation.id, now)))
      throw new AppError('invitation.unknown', 'it was used at this moment')
    const account =
      invitation.login === undefined
        ? await newAccount(tx, asked, invitation.details.role ?? 'viewer', now)
        : await findAccount(tx, { login: invitation.login })
    if (!account || account.disabledAt !== undefined)
      throw new AppError('invitation.unknown', 'its account is switched off')
    await endCredentialsOf(tx, account.login, { kinds: ['session'], now })
    const name = asked.name ?? account.name
    return openSession(
      tx,
      { ...account, name, password },
      {
        settings,
        now,
        provenance: asked.provenance,
      },
    )
  })
}

async function newAccount(
  tx: Session,
  { login, name }: { login?: string | undefined; name?: string | undefined },
  role: Role,
  now: number,
): Promise<StoredAccount> {
  if (login === undefined)
    throw new AppError('request.invalid', 'body.login: what to sign in as; the link does not say')
  if (await findAccount(tx, { login })) throw new AppError('account.exists', login)
  return {
    login,
    name: name ?? login,
    role,
    email: undefined,
    identity: undefined,
    password: undefined,
    createdAt: now,
    disabledAt: undefined,
    lastSignInAt: undefined,
  }
}
