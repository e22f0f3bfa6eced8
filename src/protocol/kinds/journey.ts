import { z } from 'zod'
import { checkBase } from '../check-base.ts'
import { secretName, webAddress, written } from '../written-base.ts'
import { writtenDuration } from '../written-matcher.ts'

/** What a `journey` check can expect besides that each step succeeds. */
export const JourneyExpectations = z.strictObject({ total: writtenDuration.optional() })

export const WrittenJourneyCheck = z.strictObject({
  ...written,
  kind: z.literal('journey'),
  script: z
    .string()
    .regex(/^[A-Za-z0-9._/-]+\.journey\.ts$/, 'a path such as ./checkout.journey.ts')
    .describe('Path of the journey, from this file.'),
  url: webAddress.optional().describe('Where the journey starts; it gets it as `target`.'),
  secrets: z.array(secretName).optional(),
  ignoreHttpsErrors: z.boolean().optional(),
  expect: JourneyExpectations.optional(),
  should: JourneyExpectations.optional(),
})

export const JourneyCheck = z.object({
  ...checkBase,
  kind: z.literal('journey'),
  /** Path of the journey below the folder `probes/`, with forward slashes. */
  script: z.string(),
  /** What the journey gets as `target`: the address that it starts from. */
  url: z.url().optional(),
  /** Names of the secrets that the journey may read. */
  secrets: z.array(z.string()),
  ignoreHttpsErrors: z.boolean(),
})
export type JourneyCheck = z.infer<typeof JourneyCheck>
