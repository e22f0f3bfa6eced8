import { z } from 'zod'
import { DURATION_EXPECTED, parseDuration } from '../base/duration.ts'

/** A duration as people write it: `30s`, `5m`. */
export const WrittenDuration = z
  .string(`expected ${DURATION_EXPECTED}`)
  .refine((text) => parseDuration(text) !== undefined, { error: `expected ${DURATION_EXPECTED}` })
  .meta({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', examples: ['30s', '5m'] })
