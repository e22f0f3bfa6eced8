import { pino } from 'pino'

export type Logger = pino.Logger

/** Keys whose values never reach a log line, whatever object they are in. */
const SECRET_KEYS = ['token', 'secret', 'password', 'authorization', 'cookie', 'secrets']

/**
 * JSON lines on stderr (stdout is for data). Level from `FIREWATCH_LOG_LEVEL`; `silent` for none.
 */
export function createLogger(name: string, level = 'info'): Logger {
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
