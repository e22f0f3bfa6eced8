import type { ValueFor } from '../network/fill-template.ts'
import { requireSecret } from '../network/require-secret.ts'
import { type CheckContext, CheckError } from './check-runner.ts'

/**
 * What the names in a request stand for: a secret that its check declares, or a value that an earlier
 * request of the run captured. (The two are told apart by how they begin: secrets with a capital.)
 */
export function valuesOf(
  { secrets = [] }: { secrets?: readonly string[] | undefined },
  { secret }: Pick<CheckContext, 'secret'>,
  captured: ReadonlyMap<string, string> = new Map(),
): ValueFor {
  return (name) => {
    const value = captured.get(name)
    if (value !== undefined) return value
    if (secrets.includes(name)) return requireSecret(secret, name)
    throw new CheckError('http.capture', `nothing was captured that {{${name}}} could stand for`)
  }
}

/** The same where nothing is captured: what is not declared is no secret, and stays as it was written. */
export function secretsOf(
  { secrets = [] }: { secrets?: readonly string[] | undefined },
  { secret }: Pick<CheckContext, 'secret'>,
): ValueFor {
  return (name) => (secrets.includes(name) ? requireSecret(secret, name) : `{{${name}}}`)
}

/** By names in lower case, as protocols with names of their own among them compare them. */
export const inLowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
