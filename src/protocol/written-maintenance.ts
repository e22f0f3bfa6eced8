import { z } from 'zod'
import { CheckId, NAME_LENGTH_MAX, RegionId, ServiceId } from './ids.ts'
import { WrittenDuration } from './written-duration.ts'

/** `config/maintenance.yaml` as people write it. */

const Moment = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2026-12-01T22:00:00+01:00' })
  .describe('With its offset from UTC, or Z.')

export const MaintenanceFile = z.strictObject({
  windows: z
    .array(
      z.strictObject({
        id: z
          .string()
          .max(NAME_LENGTH_MAX)
          .regex(
            /^[a-z0-9]+(-[a-z0-9]+)*$/,
            'lower-case letters, digits and single dashes, such as database-upgrade',
          ),
        reason: z.string().min(3).max(500).describe('Shown wherever something is not told for it.'),
        from: Moment.optional(),
        until: Moment.optional(),
        cron: z.string().optional().describe('Five cron fields: when it begins, again and again.'),
        timeZone: z.string().optional().describe('IANA zone of the cron expression; UTC.'),
        lasts: WrittenDuration.optional().describe('How long, with cron.'),
        services: z.array(ServiceId).min(1).optional(),
        checks: z.array(CheckId).min(1).optional(),
        regions: z.array(RegionId).min(1).optional().describe('Only what fails there alone.'),
      }),
    )
    .max(500)
    .describe('What is not told while it is worked on. Checks go on, and alerts stay visible.'),
})
export type MaintenanceFile = z.infer<typeof MaintenanceFile>
