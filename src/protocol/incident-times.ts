import { z } from 'zod'
import { IncidentId, Instant } from './ids.ts'
import { Severity } from './severity.ts'

/** When an incident came how far, and how long that took; null with its reason where nobody knows. */

const Known = <T extends z.ZodType>(value: T) =>
  z.object({ value: value.nullable(), because: z.string() })

export const IncidentInstants = z.object({
  impactStarted: Known(Instant),
  detected: Known(Instant),
  firstPage: Known(Instant),
  firstAck: Known(Instant),
  engaged: Known(Instant),
  mitigated: Known(Instant),
  restored: Known(Instant),
  resolved: Known(Instant),
})
export type IncidentInstants = z.infer<typeof IncidentInstants>

export const TimeName = z.enum(['mttd', 'mtta', 'mttm', 'mttr', 'impact', 'resolve'])
export type TimeName = z.infer<typeof TimeName>

const Ms = z.number().nonnegative()

export const IncidentTimes = z.object({
  instants: IncidentInstants,
  /** Milliseconds each. */
  durations: z.record(TimeName, Known(Ms)),
  /** How far off what the probes saw may be: the interval at which they look. */
  confidenceMs: Ms.nullable(),
})
export type IncidentTimes = z.infer<typeof IncidentTimes>

/** Of several incidents. Never a mean: of few it says nothing, and of many it hides the worst. */
export const TimeSummary = z.object({
  count: z.number().int().nonnegative(),
  medianMs: Ms.nullable(),
  p90Ms: Ms.nullable(),
})
export type TimeSummary = z.infer<typeof TimeSummary>

export const TimesPeriod = z.object({
  since: Instant,
  until: Instant,
  incidents: z.number().int().nonnegative(),
  times: z.record(TimeName, TimeSummary),
})
export type TimesPeriod = z.infer<typeof TimesPeriod>

/** Most incidents of one answer. */
export const TIMES_INCIDENTS_MAX = 500

export const TimesOverview = z.object({
  /** All of it, and the same in even parts, the oldest first. */
  whole: TimesPeriod,
  parts: z.array(TimesPeriod),
  /** There were more incidents than are looked at; the newest are. */
  isCut: z.boolean(),
  incidents: z.array(
    z.object({
      id: IncidentId,
      title: z.string(),
      severity: Severity,
      openedAt: Instant,
      durations: z.record(TimeName, Known(Ms)),
    }),
  ),
})
export type TimesOverview = z.infer<typeof TimesOverview>
