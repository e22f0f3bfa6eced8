import { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import type { AccessSettings, OrganisationSettings } from '../coordinator/coordinator.ts'
import { ROLES } from '../protocol/access.ts'
import { Login, NewPassword } from '../protocol/people-api.ts'
import { durationVariable, type Environment, readEnvironment } from '../runtime/environment.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Somebody who is on call should not have to type a password at night that they typed by day. */
const SESSION_IDLE_MS = DAY_MS
const SESSION_MS = 14 * DAY_MS

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

const token = z.string().min(16, 'expected at least 16 characters').optional()
const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((value) => value.trim() || []))
/** Plain HTTP is read by everybody on the way, except on this machine. */
const origin = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'expected an address such as https://firewatch.example.com',
  })
  .transform((text) => text.replace(/\/+$/, ''))

const SETTINGS = {
  FIREWATCH_SIGN_IN: z.enum(['required', 'off'], 'expected required or off').default('required'),
  FIREWATCH_PUBLIC_URL: origin
    .refine((text) => !URL.canParse(text) || new URL(text).origin === text, {
      error: 'expected an address without a path, such as https://firewatch.example.com',
    })
    .optional(),
  FIREWATCH_PROBE_TOKEN: token,
  FIREWATCH_METRICS_TOKEN: token,
  FIREWATCH_SESSION_IDLE: durationVariable(SESSION_IDLE_MS, { min: MINUTE_MS, max: 90 * DAY_MS }),
  FIREWATCH_SESSION_MAX: durationVariable(SESSION_MS, { min: MINUTE_MS, max: 90 * DAY_MS }),
  FIREWATCH_ADMIN_LOGIN: Login.optional(),
  FIREWATCH_ADMIN_PASSWORD: NewPassword.optional(),
  FIREWATCH_TRUSTED_PROXIES: list,
  FIREWATCH_OIDC_ISSUER: origin
    .refine((text) => text.startsWith('https:') || LOOPBACK.test(new URL(text).hostname), {
      error: 'expected https://…; plain http only on this machine',
    })
    .optional(),
  FIREWATCH_OIDC_CLIENT_ID: z.string().optional(),
  FIREWATCH_OIDC_CLIENT_SECRET: z.string().optional(),
  FIREWATCH_OIDC_NAME: z.string().max(60).default('your organisation'),
  FIREWATCH_OIDC_SCOPES: z.string().default('openid email profile'),
  FIREWATCH_OIDC_ROLE_CLAIM: z.string().default('groups'),
  FIREWATCH_OIDC_ADMINS: list,
  FIREWATCH_OIDC_RESPONDERS: list,
  FIREWATCH_OIDC_VIEWERS: list,
  FIREWATCH_OIDC_ROLE_FOR_ALL: z.enum(ROLES).optional(),
}

type Settings = ReturnType<typeof readEnvironment<typeof SETTINGS>>

/**
 * How the coordinator lets people and probes in.
 *
 * @param host where it listens: without sign-in only on this machine.
 * @throws {AppError} `environment.invalid`
 */
export function readAccessSettings(environment: Environment, host: string): AccessSettings {
  const settings = readEnvironment(SETTINGS, environment)
  const { FIREWATCH_SIGN_IN: signIn, FIREWATCH_PUBLIC_URL: publicUrl } = settings
  if (signIn === 'off' && !LOOPBACK.test(host))
    throw invalid(
      `FIREWATCH_SIGN_IN: off only where nobody else can reach it: FIREWATCH_HOST is ${host}, expected 127.0.0.1`,
    )
  return {
    signIn,
    publicUrl,
    probeToken: settings.FIREWATCH_PROBE_TOKEN,
    metricsToken: settings.FIREWATCH_METRICS_TOKEN,
    sessionIdleMs: settings.FIREWATCH_SESSION_IDLE,
    sessionMs: settings.FIREWATCH_SESSION_MAX,
    trustedProxies: settings.FIREWATCH_TRUSTED_PROXIES,
    firstAdmin: firstAdminOf(settings),
    organisation: organisationOf(settings, publicUrl ?? host),
  }
}

function firstAdminOf(settings: Settings): AccessSettings['firstAdmin'] {
  const { FIREWATCH_ADMIN_LOGIN: login, FIREWATCH_ADMIN_PASSWORD: password } = settings
  if (login === undefined && password === undefined) return undefined
  if (login === undefined || password === undefined)
    throw invalid('FIREWATCH_ADMIN_LOGIN and FIREWATCH_ADMIN_PASSWORD are set together')
  return { login, password }
}

function organisationOf(settings: Settings, where: string): OrganisationSettings | undefined {
  const {
    FIREWATCH_OIDC_ISSUER: issuer,
    FIREWATCH_OIDC_CLIENT_ID: clientId,
    FIREWATCH_OIDC_CLIENT_SECRET: clientSecret,
  } = settings
  if (issuer === undefined) return undefined
  if (clientId === undefined || clientSecret === undefined)
    throw invalid(
      'FIREWATCH_OIDC_CLIENT_ID, FIREWATCH_OIDC_CLIENT_SECRET: expected where FIREWATCH_OIDC_ISSUER is set',
    )
  if (!where.startsWith('http') && !LOOPBACK.test(where))
    throw invalid('FIREWATCH_PUBLIC_URL: expected where FIREWATCH_OIDC_ISSUER is set')
  return {
    issuer,
    clientId,
    clientSecret,
    name: settings.FIREWATCH_OIDC_NAME,
    scopes: settings.FIREWATCH_OIDC_SCOPES,
    roleClaim: settings.FIREWATCH_OIDC_ROLE_CLAIM,
    roles: {
      admin: settings.FIREWATCH_OIDC_ADMINS,
      responder: settings.FIREWATCH_OIDC_RESPONDERS,
      viewer: settings.FIREWATCH_OIDC_VIEWERS,
    },
    roleForAll: settings.FIREWATCH_OIDC_ROLE_FOR_ALL,
  }
}

const invalid = (message: string) => new AppError('environment.invalid', message)
