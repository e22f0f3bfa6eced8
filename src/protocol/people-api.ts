import { z } from 'zod'
import { ROLES } from './access.ts'
import { Instant, NAME_LENGTH_MAX, ProbeId, RegionId } from './ids.ts'
import { PAGE_SIZE_MAX, type RouteContract } from './public-api.ts'
import { PATHS } from './public-paths.ts'

/** Who may come in, how they say who they are, and what they did. Part of the public interface. */

export const Role = z.enum(ROLES)

/**
 * What a person signs in as, and what their deeds are known by; equals their id in `config/on-call.yaml`
 * where they are on call.
 */
export const Login = z
  .string()
  .trim()
  .toLowerCase()
  .max(NAME_LENGTH_MAX, `at most ${NAME_LENGTH_MAX} characters`)
  .regex(
    /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
    'a login: lower-case letters and digits, in groups joined by a dot, dash or underscore',
  )

export const PASSWORD_LENGTH_MIN = 12
/** Of what is hashed; a longer one would only cost time. */
export const PASSWORD_LENGTH_MAX = 200

/** A password that somebody chooses. */
export const NewPassword = z
  .string()
  .min(PASSWORD_LENGTH_MIN, `a password: at least ${PASSWORD_LENGTH_MIN} characters`)
  .max(PASSWORD_LENGTH_MAX, `a password: at most ${PASSWORD_LENGTH_MAX} characters`)
  .refine((text) => new Set(text).size >= 5, 'a password: at least 5 different characters')

const oneLine = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'expected one line')
const PersonName = oneLine(100)
const Email = z.email().max(200)

// ── Who I am ─────────────────────────────────────────────────────────────────────────────────

/** Who asks, as the coordinator knows them. */
export const Me = z.object({
  /** `off`: whoever reaches the coordinator may do everything, and writes their name where asked. */
  signIn: z.enum(['required', 'off']),
  /** Absent while nobody is signed in. */
  caller: z
    .object({
      kind: z.enum(['person', 'program', 'anybody']),
      /** What deeds are known by; absent where sign-in is off. */
      login: z.string().optional(),
      name: z.string().optional(),
      role: Role,
      /** When they must sign in again at the latest. */
      until: Instant.optional(),
      /** They have a password here, which they may change. */
      hasPassword: z.boolean().optional(),
    })
    .optional(),
  /** The organisation's own sign-in, where there is one: what it is called. */
  organisation: z.object({ name: z.string() }).optional(),
})
export type Me = z.infer<typeof Me>

export const getMe = {
  method: 'GET',
  path: PATHS.me,
  access: 'public',
  summary: 'Who asks, and how they may sign in.',
  response: Me,
} as const satisfies RouteContract

// ── Signing in and out ───────────────────────────────────────────────────────────────────────

export const signIn = {
  method: 'POST',
  path: PATHS.signIn,
  access: 'public',
  summary: 'Begins a session, as a cookie. Every refusal looks the same, and takes as long.',
  // Tolerant on purpose: what is no login is refused as an unknown one is.
  body: z.strictObject({
    login: z.string().max(NAME_LENGTH_MAX),
    password: z.string().max(PASSWORD_LENGTH_MAX),
  }),
  response: Me,
} as const satisfies RouteContract

export const signOut = {
  method: 'POST',
  path: PATHS.signOut,
  access: 'viewer',
  summary: 'Ends the session, or with `everywhere` all sessions of who asks.',
  body: z.strictObject({ everywhere: z.boolean().default(false) }),
  response: z.object({ ended: z.number().int().nonnegative() }),
} as const satisfies RouteContract

export const changePassword = {
  method: 'POST',
  path: PATHS.password,
  access: 'viewer',
  summary: "Changes one's own password, and ends all other sessions of theirs.",
  body: z.strictObject({ present: z.string().max(PASSWORD_LENGTH_MAX), next: NewPassword }),
  response: Me,
} as const satisfies RouteContract

export const acceptInvitation = {
  method: 'POST',
  path: PATHS.acceptInvitation,
  access: 'public',
  summary: 'Makes an account of a one-time link, or gives one a new password, and signs in.',
  body: z.strictObject({
    token: z.string().max(200),
    /** Where the link does not say it. */
    login: Login.optional(),
    name: PersonName.optional(),
    password: NewPassword,
  }),
  response: Me,
} as const satisfies RouteContract

// ── Accounts ─────────────────────────────────────────────────────────────────────────────────

export const Account = z.object({
  login: z.string(),
  name: z.string(),
  email: z.string().optional(),
  role: Role,
  /** `invited`: it has no password yet. `organisation`: it signs in elsewhere. */
  signsInBy: z.enum(['password', 'organisation', 'invited']),
  createdAt: Instant,
  disabledAt: Instant.optional(),
  lastSignInAt: Instant.optional(),
  /** How many sessions it has open. */
  sessions: z.number().int().nonnegative(),
})
export type Account = z.infer<typeof Account>

/** A one-time link, shown once: whoever has it first sets the password. */
export const Invitation = z.object({ link: z.string(), expiresAt: Instant })
export type Invitation = z.infer<typeof Invitation>

export const listAccounts = {
  method: 'GET',
  path: PATHS.accounts,
  access: 'admin',
  summary: 'Who may sign in.',
  response: z.object({ data: z.array(Account) }),
} as const satisfies RouteContract

export const addAccount = {
  method: 'POST',
  path: PATHS.accounts,
  access: 'admin',
  summary: 'Makes an account, with a one-time link by which its person sets the password.',
  body: z.strictObject({ login: Login, name: PersonName, email: Email.optional(), role: Role }),
  response: z.object({ account: Account, invitation: Invitation }),
} as const satisfies RouteContract

export const changeAccount = {
  method: 'POST',
  path: PATHS.account,
  access: 'admin',
  summary: 'Changes what an account may do. Switched off, its sessions and tokens end at once.',
  params: z.object({ login: Login }),
  body: z.strictObject({ role: Role.optional(), isDisabled: z.boolean().optional() }),
  response: Account,
} as const satisfies RouteContract

export const inviteAgain = {
  method: 'POST',
  path: PATHS.accountInvitation,
  access: 'admin',
  summary: 'Gives a new one-time link to set the password by; earlier links of theirs end.',
  params: z.object({ login: Login }),
  response: Invitation,
} as const satisfies RouteContract

// ── Tokens ───────────────────────────────────────────────────────────────────────────────────

export const DAY_MS = 86_400_000
/** The longest that a token may be good for. */
export const TOKEN_MS_MAX = 400 * DAY_MS
export const ENROLMENT_MS_MAX = 30 * DAY_MS
const MINUTE_MS = 60_000

/** What lets something in without a person, as it is known after it was made: never its secret. */
export const AccessToken = z.object({
  id: z.string(),
  /** `token`: for programs and the CLI. `enrolment`: makes one probe. `probe`: the credential of one. */
  kind: z.enum(['token', 'enrolment', 'probe']),
  name: z.string(),
  /** Of a `token`. */
  role: Role.optional(),
  /** Whose deeds its deeds are; without it they are its own. */
  login: z.string().optional(),
  /** Of the other kinds. */
  regionId: RegionId.optional(),
  probeId: ProbeId.optional(),
  createdAt: Instant,
  createdBy: z.string(),
  expiresAt: Instant.optional(),
  lastUsedAt: Instant.optional(),
  /** It was revoked, or as an enrolment it was used. */
  endedAt: Instant.optional(),
})
export type AccessToken = z.infer<typeof AccessToken>

/** A token with its secret; the only answer that has it. */
export const NewToken = z.object({ token: AccessToken, secret: z.string() })

export const listTokens = {
  method: 'GET',
  path: PATHS.tokens,
  access: 'admin',
  summary: 'What lets programs and probes in, the newest first.',
  query: z.object({
    all: z.stringbool().default(false).describe('Also those that are over.'),
    kind: AccessToken.shape.kind.optional(),
  }),
  response: z.object({ data: z.array(AccessToken) }),
} as const satisfies RouteContract

export const addToken = {
  method: 'POST',
  path: PATHS.tokens,
  access: 'admin',
  summary: 'Makes a token for a program, or for a person to use from a terminal. Shown once.',
  body: z.strictObject({
    name: oneLine(60),
    role: Role,
    login: Login.optional(),
    forMs: z.number().int().min(MINUTE_MS).max(TOKEN_MS_MAX),
  }),
  response: NewToken,
} as const satisfies RouteContract

export const enrolRegion = {
  method: 'POST',
  path: PATHS.enrolments,
  access: 'admin',
  summary:
    'Makes a token with which one probe of a region gets a credential of its own. Shown once.',
  body: z.strictObject({
    regionId: RegionId,
    probeId: ProbeId.optional().describe('The only probe that may use it.'),
    forMs: z.number().int().min(MINUTE_MS).max(ENROLMENT_MS_MAX),
  }),
  response: NewToken,
} as const satisfies RouteContract

export const revokeToken = {
  method: 'POST',
  path: PATHS.revokeToken,
  access: 'admin',
  summary: 'Ends a token, an enrolment or the credential of a probe, at once.',
  params: z.object({ tokenId: z.uuid() }),
  response: AccessToken,
} as const satisfies RouteContract

// ── What was done ────────────────────────────────────────────────────────────────────────────

export const Deed = z.object({
  id: z.string(),
  at: Instant,
  /** A login, a token's name, or `unknown`. */
  actor: z.string(),
  /** Method and path of what was called, with the names of its parameters. */
  action: z.string(),
  /** Values of the parameters, and what else says whom or what it concerned. */
  subject: z.string().optional(),
  /** HTTP status, and the code of the problem where there was one. */
  status: z.number().int(),
  code: z.string().optional(),
  /** Address of the client, and its program as it names itself. */
  from: z.string(),
  program: z.string().optional(),
})
export type Deed = z.infer<typeof Deed>

export const listDeeds = {
  method: 'GET',
  path: PATHS.audit,
  access: 'admin',
  summary:
    'Who did what, when, from where, and what came of it; newest first. Never what is secret.',
  query: z.object({
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(50),
    actor: z.string().max(NAME_LENGTH_MAX).optional(),
  }),
  response: z.object({ data: z.array(Deed), nextCursor: z.string().nullable() }),
} as const satisfies RouteContract

/** One without a handler does not compile. */
export const PEOPLE_CONTRACTS = {
  getMe,
  signIn,
  signOut,
  changePassword,
  acceptInvitation,
  listAccounts,
  addAccount,
  changeAccount,
  inviteAgain,
  listTokens,
  addToken,
  enrolRegion,
  revokeToken,
  listDeeds,
} as const
