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
