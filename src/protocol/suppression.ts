import { z } from 'zod'
import { CheckId, Instant, NAME_LENGTH_MAX, RegionId, ServiceId } from './ids.ts'

/** What keeps an alert from being told. It hides pages, never facts: the alert fires all the same. */

const NAMES_MAX = 200

/** What something is about. A list that is absent restricts nothing; services and checks add up. */
export const Scope = z.object({
  services: z.array(ServiceId).max(NAMES_MAX).optional(),
  checks: z.array(CheckId).max(NAMES_MAX).optional(),
  /** Only alerts that are about no other region. */
  regions: z.array(RegionId).max(NAMES_MAX).optional(),
})
export type Scope = z.infer<typeof Scope>

export const MaintenanceWindow = z.object({
  id: z.string(),
  reason: z.string(),
  scope: Scope,
  when: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('once'), from: Instant, until: Instant }),
    z.object({
      kind: z.literal('cron'),
      expression: z.string(),
      timeZone: z.string(),
      lastsMs: z.number().int().positive(),
    }),
  ]),
})
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>

/** A window that is open at this moment. */
export const OpenMaintenance = z.object({
  id: z.string(),
  reason: z.string(),
  scope: Scope,
  from: Instant,
  until: Instant,
})
export type OpenMaintenance = z.infer<typeof OpenMaintenance>

/** The longest that a silence may last: who needs more plans a maintenance. */
export const SILENCE_MS_MAX = 24 * 3_600_000
export const SILENCE_MS_MIN = 60_000

const PersonName = z
  .string()
  .trim()
  .min(1, 'expected a name')
  .max(NAME_LENGTH_MAX, `at most ${NAME_LENGTH_MAX} characters`)
const Reason = z
  .string()
  .trim()
  .min(3, 'expected a reason that others can read, of at least 3 characters')
  .max(500, 'at most 500 characters')

export const Silence = z.object({
  id: z.uuid(),
  author: z.string(),
  reason: z.string(),
  scope: Scope,
  createdAt: Instant,
  until: Instant,
  /** It ends earlier, as soon as nothing that it covers fires any more. */
  untilResolved: z.boolean(),
  /** When it ended, whether by a person or because what it covered was resolved. */
  endedAt: Instant.optional(),
  endedBy: z.string().optional(),
})
export type Silence = z.infer<typeof Silence>

/** What somebody asks for. */
export const NewSilence = z.strictObject({
  /** Where sign-in is off; else it is who is signed in. */
  author: PersonName.optional(),
  reason: Reason,
  scope: z
    .strictObject(Scope.shape)
    .refine((scope) => Object.values(scope).some((names) => names && names.length > 0), {
      error: 'at least one check, service or region',
    }),
  forMs: z
    .number('expected a duration such as 30m or 2h')
    .int()
    .min(SILENCE_MS_MIN, 'at least a minute')
    .max(SILENCE_MS_MAX, 'at most 24 hours; plan a maintenance for more'),
  untilResolved: z.boolean().default(false),
})
export type NewSilence = z.infer<typeof NewSilence>

export const EndSilence = z.strictObject({ author: PersonName.optional() })

/** Why an alert that fires is not told. */
export const Suppression = z.object({
  kind: z.enum(['maintenance', 'silence', 'dependency', 'region']),
  /** Id of the window or silence; the service that is needed; the region. */
  by: z.string(),
  /** In words. */
  reason: z.string(),
  /** When it ends by itself; it is looked at again then. */
  until: Instant.optional(),
})
export type Suppression = z.infer<typeof Suppression>
