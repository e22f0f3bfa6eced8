import { z } from 'zod'
import { CheckId, Instant, NAME_LENGTH_MAX, RegionId, ServiceId } from './ids.ts'
import { Ticket } from './ticket.ts'

/** What an objective is about, and how much of it may go wrong within its rolling period. */

/** `availability`, unique within its service. */
export const ObjectiveName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    'lower-case letters, digits and single dashes, such as availability',
  )

export const Objective = z.object({
  /** `<service>/<name>`; unique in the fleet. */
  id: z.string(),
  serviceId: ServiceId,
  name: ObjectiveName,
  /** Share of runs, or of requests, that must be good: 0.999. */
  target: z.number().gt(0).lt(1),
  /** Rolling; 7, 28 or 30 days. */
  periodMs: z.number().int().positive(),
  /** Whose runs count; none where traffic does. */
  checks: z.array(CheckId),
  /** The queries that count what users asked for; runs of probes count where it is absent. */
  traffic: z.object({ good: z.string(), total: z.string() }).optional(),
  /** A run is good when it passed within so long; when absent, when it passed at all. */
  latencyMs: z.number().positive().optional(),
})
export type Objective = z.infer<typeof Objective>

/** What the runs, or the requests, of an objective were within a window. */
export const Tally = z.object({
  good: z.number().int().nonnegative(),
  bad: z.number().int().nonnegative(),
  /**
   * Slots that say nothing: missed, or not measured. Of traffic: spans of five minutes
   * whose requests are not known. Neither good nor bad.
   */
  unknown: z.number().int().nonnegative(),
})
export type Tally = z.infer<typeof Tally>

/** The ticket that a slow burn became. */
export const SlowBurnTicket = z.object({
  /** By what the tracker finds it again. */
  id: z.string(),
  askedAt: Instant,
  /** The budget has stopped burning since. */
  isOver: z.boolean(),
  /** Absent until the tracker has taken it. */
  opened: Ticket.optional(),
})
export type SlowBurnTicket = z.infer<typeof SlowBurnTicket>

/** How an objective stands. */
export const ObjectiveStatus = z.object({
  /** `blind`: too much is unknown to say anything. */
  state: z.enum(['quiet', 'burning', 'blind']),
  /** Since when it has been in this state. */
  since: Instant,
  /** While it burns: `page` wakes a person, `ticket` waits for the working day. */
  action: z.enum(['page', 'ticket']).optional(),
  /** In words. */
  reason: z.string(),
  /** Regions that bad runs came from, while it burns. */
  regions: z.array(RegionId),
  /** Of the whole period, as far as there is history. */
  period: Tally,
  /** Of the last hour. */
  lastHour: Tally,
  /** Share of the budget that is spent; above 1 the objective is missed; null without a run. */
  spentShare: z.number().nullable(),
  /** How many times as fast as allowed the budget burns, within the last hour; null without a run. */
  burnRate: z.number().nullable(),
  /** How long the budget lasts, in words; null without a run. */
  outlook: z.string().nullable(),
  /** Where traffic counts: up to when it is counted, and why not further. */
  traffic: z
    .object({
      countedUntil: Instant,
      /** Absent while it can be asked. */
      problem: z.object({ since: Instant, reason: z.string() }).optional(),
    })
    .optional(),
  /** The last one, where slow burns become tickets. */
  ticket: SlowBurnTicket.optional(),
  evaluatedAt: Instant,
})
export type ObjectiveStatus = z.infer<typeof ObjectiveStatus>
