import { CheckError } from '../checks/check-runner.ts'

/** @throws {CheckError} `probe.secret_missing` */
export function requireSecret(secret: (name: string) => string | undefined, name: string): string {
  const value = secret(name)
  if (value !== undefined) return value
  throw new CheckError(
    'probe.secret_missing',
    `this probe has no secret ${name}: none of the variables ${name}, ${name}_FILE and ${name}_COMMAND is set`,
  )
}

/** RFC 9110 §5.5: what may stand in a header. A line break would end it, and begin another. */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/

export const isHeaderText = (text: string): boolean => HEADER_TEXT.test(text)
