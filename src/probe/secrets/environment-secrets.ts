import { z } from 'zod'
import { type Environment, readEnvironment } from '../../runtime/environment.ts'

/** Variables of ours: whoever can write a check must not be able to ask for the probe's own token. */
export const OWN_VARIABLE = /^(FIREWATCH|OTEL)_/

/** Secrets that checks declare: the variable of that name, or the file that `NAME_FILE` names. */
export function environmentSecrets(environment: Environment): (name: string) => string | undefined {
  return (name) => {
    if (OWN_VARIABLE.test(name)) return undefined
    return readEnvironment({ [name]: z.string().optional() }, environment)[name]
  }
}
