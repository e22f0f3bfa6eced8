import { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import { findDemo } from '../demo/demo-state-file.ts'
import { readEnvironment } from '../runtime/environment.ts'

/**
 * What this terminal shows a coordinator: `FIREWATCH_TOKEN`, or for the demo of this folder the token
 * that it made for whoever tries it.
 */
export async function ownToken(address: string): Promise<string | undefined> {
  const variables = { FIREWATCH_TOKEN: z.string().optional() }
  const { FIREWATCH_TOKEN } = readEnvironment(variables, process.env)
  if (FIREWATCH_TOKEN !== undefined) return FIREWATCH_TOKEN
  const demo = await findDemo(process.cwd())
  const access = demo?.coordinator
  return access && new URL(access.url).origin === new URL(address).origin ? access.token : undefined
}

/** What to do about an answer that says that this terminal may not. */
export function adviceFor(code: string, address: string, token: string | undefined): string {
  if (code === 'request.forbidden') return 'Ask an admin for a token with that role.'
  const how = `An admin makes one at ${new URL('/people', address)}, or with: firewatch token create`
  return token === undefined
    ? `Set FIREWATCH_TOKEN, or FIREWATCH_TOKEN_FILE, to a token. ${how}`
    : `FIREWATCH_TOKEN is not known there, was revoked, or is too old. ${how}`
}

/** The answers that {@link adviceFor} has words for. */
export const isAboutAccess = (error: unknown): error is AppError =>
  error instanceof AppError && ['request.unauthorized', 'request.forbidden'].includes(error.code)
