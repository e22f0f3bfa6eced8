import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { AppError, messageOf } from '../base/app-error.ts'
import { DURATION_EXPECTED, formatDuration, parseDuration } from '../base/duration.ts'

export type Environment = Record<string, string | undefined>

/**
 * Reads and checks environment variables. Each is also accepted as `NAME_FILE`, the path of a file
 * that holds the value (Docker and Kubernetes secrets); its trailing newline is dropped.
 *
 * @throws {AppError} `environment.invalid`, naming every variable that is wrong, never its value.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  const values: Record<string, string> = {}
  const problems: string[] = []
  for (const name of Object.keys(shape)) {
    const file = environment[`${name}_FILE`]
    const direct = environment[name]
    if (direct !== undefined && direct !== '') values[name] = direct
    else if (file) {
      try {
        values[name] = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
      } catch (error) {
        problems.push(`${name}_FILE: cannot be read: ${messageOf(error)}`)
      }
    }
  }
  const parsed = z.object(shape).safeParse(values)
  for (const issue of parsed.error?.issues ?? []) {
    const name = issue.path.join('.')
    problems.push(`${name}: ${name in values ? issue.message : 'is not set'}`)
  }
  if (problems.length > 0 || !parsed.success)
    throw new AppError('environment.invalid', problems.join('\n'))
  return parsed.data
}

/** A whole number from the environment, with its default. */
export const integerVariable = (fallback: number, { min = 0, max = 2 ** 40 } = {}) =>
  z.coerce.number().int().min(min).max(max).default(fallback)

/** A duration such as `5m` from the environment, in milliseconds, with its default. */
export const durationVariable = (fallback: number, { min, max }: { min: number; max: number }) =>
  z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return fallback
      const ms = parseDuration(text)
      if (ms !== undefined && ms >= min && ms <= max) return ms
      context.addIssue(
        `expected ${DURATION_EXPECTED}, from ${formatDuration(min)} to ${formatDuration(max)}`,
      )
      return z.NEVER
    })
