import { z } from 'zod'
import { parseDuration } from '../base/duration.ts'
import { Severity } from './severity.ts'
import { WrittenDuration } from './written-duration.ts'

/** When failures become an alert, as people write it. */

const Count = z.number().int().min(1).max(100)

const SHARE = /^(\d{1,2}(?:\.\d+)?|100(?:\.0+)?)%$/
const SHARE_EXPECTED = 'expected a share such as 5%'
/** A bare count says nothing without how many there were, so only shares are taken. */
const Share = z
  .string(SHARE_EXPECTED)
  .regex(SHARE, SHARE_EXPECTED)
  .meta({ examples: ['5%'] })

/** A share as people write it, `5%`, as a number: 0.05. Undefined where it is none. */
export const parseShare = (text: string): number | undefined => {
  const [, percent] = SHARE.exec(text) ?? []
  return percent === undefined ? undefined : Number(percent) / 100
}

const BASELINE = /^(\d+(?:\.\d+)?)x baseline$/
const LIMIT_EXPECTED = 'expected a duration such as 2s, or 5x baseline'

/** What latencies are compared with, `2s` or `5x baseline`; undefined where it is neither. */
export function parseLatencyLimit(
  text: string,
): { kind: 'limit'; ms: number } | { kind: 'baseline'; times: number } | undefined {
  const times = Number(BASELINE.exec(text)?.[1])
  if (times > 0) return { kind: 'baseline', times }
  const ms = parseDuration(text)
  return ms ? { kind: 'limit', ms } : undefined
}

const PERCENTILE = /^p([1-9]\d?(?:\.\d+)?)$/

/** `p95` as a share: 0.95. Undefined where it is none. */
export const parsePercentile = (text: string): number | undefined => {
  const [, digits] = PERCENTILE.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) / 100
}

const SomeOf = z.strictObject({
  count: Count.describe('So many …'),
  of: Count.describe('… of the last so many runs of one region.'),
})

const Never = z.literal('never')

const window = {
  within: WrittenDuration.optional().describe('Runs of so long ago are counted; 10m when absent.'),
  for: WrittenDuration.optional().describe('For how long it must be so without a break.'),
  samplesMin: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .optional()
    .describe('Fewer runs in the window say nothing; 20 when absent.'),
  severity: Severity.optional(),
}

/** Takes the form, or `never` to take nothing over from the defaults. */
const orNever = <T extends z.ZodType>(form: T, example: string) =>
  z.union([Never, form], { error: `never, or a mapping such as ${example}` }).optional()

export const WrittenAlertRule = z.strictObject({
  failuresToFire: Count.optional().describe('Failures in a row in one region; 3 when absent.'),
  regionsMin: Count.optional().describe('Regions that fail at once; 2 when absent.'),
  regions: z
    .union([Count, Share], { error: 'a number of regions such as 2, or a share such as 50%' })
    .optional()
    .describe("The same as regionsMin, or a share of the check's regions."),
  independent: z
    .boolean()
    .optional()
    .describe('Regions of one provider (config/regions.yaml) count once.'),
  passesToResolve: Count.optional().describe('Passes in a row that prove health; 2 when absent.'),
  failures: orNever(SomeOf, '{ count: 3, of: 5 }'),
  ratio: orNever(
    z.strictObject({
      above: Share.describe('Share of failed runs that is exceeded.'),
      ...window,
    }),
    '{ above: 5%, within: 10m, for: 3m, samplesMin: 20 }',
  ),
  latency: orNever(
    z.strictObject({
      above: z
        .string(LIMIT_EXPECTED)
        .refine((text) => parseLatencyLimit(text) !== undefined, { error: LIMIT_EXPECTED })
        .describe('A limit, or so many times the same hour of the last four weeks.'),
      percentile: z
        .string('expected a percentile such as p95')
        .regex(PERCENTILE, 'expected a percentile such as p95')
        .optional()
        .describe('p95 when absent.'),
      ...window,
    }),
    '{ above: 2s, percentile: p95, within: 10m, for: 5m }',
  ),
  degraded: orNever(
    SomeOf.extend({ severity: Severity.optional().describe('SEV-3 when absent.') }),
    '{ count: 3, of: 3 }',
  ),
  noData: orNever(
    z.strictObject({
      after: WrittenDuration.describe('All regions say nothing about the target for so long.'),
      severity: Severity.optional().describe('SEV-3 when absent.'),
    }),
    '{ after: 5m }',
  ),
  flapping: orNever(
    z.strictObject({
      changes: Count.optional().describe('Beginnings and ends of the alert; 6 when absent.'),
      within: WrittenDuration.optional().describe('1h when absent.'),
      quietFor: WrittenDuration.optional().describe('It ends after so long without trouble; 15m.'),
    }),
    '{ changes: 6, within: 1h, quietFor: 15m }',
  ),
  severity: Severity.optional().describe(
    'Of failures; the rules of config/severities.yaml decide when absent.',
  ),
})
export type WrittenAlertRule = z.infer<typeof WrittenAlertRule>
