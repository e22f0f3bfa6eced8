import { z } from 'zod'
import { Scope, Severity } from './config.ts'
import { Layer } from './finding-kind.ts'
import { CheckId, IncidentId, Instant, RegionId, RunId, ServiceId } from './ids.ts'
import { IncidentState } from './incident.ts'
import { MitigationEffect, MitigationKind } from './mitigation.ts'
import { ReadingTable } from './reading-table.ts'
import { Change, UserReport } from './signal.ts'
import { SweptNumber } from './sweep.ts'

/** The three questions of the first minute, answered as far as it is known. */

/** How far back the failing ratio looks. */
export const RATIO_WINDOW_MS = 10 * 60_000
/** Affected checks that the card tells of; of the others only how many there are. */
export const AFFECTED_SHOWN_MAX = 10
export const SIMILAR_SHOWN_MAX = 3
/** Changes within so long before the impact began are told … */
export const CHANGES_BEFORE_MS = 60 * 60_000
/** … and those soon after: a pipeline tells when it is done, and the harm begins while it works. */
export const CHANGES_AFTER_MS = 10 * 60_000
export const CHANGES_SHOWN_MAX = 10
export const REPORTS_SHOWN_MAX = 3
export const TABLES_SHOWN_MAX = 3

/** How much of the users or of the traffic is affected, by a query, with where that is from. */
export const ImpactNumber = z.object({
  queryId: z.string(),
  /** What kind of system was asked. */
  source: z.string(),
  /** What is counted: `distinct client addresses, last 10 min`. */
  means: z.string(),
  /** Absent until it was asked for the first time. */
  asked: z.object({ at: Instant, answer: SweptNumber }).optional(),
})
export type ImpactNumber = z.infer<typeof ImpactNumber>

/** What failed in the same way, and what ended it. */
export const SimilarIncident = z.object({
  incidentId: IncidentId,
  title: z.string(),
  severity: Severity,
  state: IncidentState,
  openedAt: Instant,
  /** From the first bad evidence to the recovery; absent where it is not known. */
  impactMs: z.number().nonnegative().optional(),
  /** What is alike, the strongest first. */
  alike: z.array(z.enum(['failure', 'step', 'check'])),
  /** What people said ended it, in their words. */
  fixedBy: z.array(
    z.object({ from: z.enum(['cause', 'mitigation', 'note']), by: z.string(), text: z.string() }),
  ),
})
export type SimilarIncident = z.infer<typeof SimilarIncident>

/** Something that was done about an incident like this one, and what came of it. */
const Tool = z.object({
  incidentId: IncidentId,
  kind: MitigationKind,
  what: z.string(),
  target: z.string().optional(),
  verdict: MitigationEffect.shape.verdict,
  words: z.string(),
  tookMs: z.number().nonnegative().optional(),
  isUndone: z.boolean().optional(),
})

/** What the signals say together that none of them says alone: a direction to look in, and why. */
export const Pointer = z.object({
  kind: z.enum(['inbound_blocked', 'dependency', 'telemetry_problem']),
  /** In two words, with a question mark: it is no verdict. */
  question: z.string(),
  words: z.string(),
})
export type Pointer = z.infer<typeof Pointer>

export const TriageCard = z.object({
  /** Absent where they say nothing in particular, and from older coordinators. */
  pointsTo: z.array(Pointer).optional(),
  /** What to reach for: what worked on incidents that are alike, the fastest first. */
  toolbox: z.array(Tool).optional(),
  howBad: z.object({
    severity: Severity,
    sentence: z.string(),
    /** Conclusive runs of the affected checks; absent where none is affected, or it is over. */
    failing: z
      .object({
        windowMs: z.number().int().positive(),
        failed: z.number().int().nonnegative(),
        runs: z.number().int().nonnegative(),
      })
      .optional(),
    since: Instant,
    /** The run that shows it; absent where a person says so, or it was no run. */
    firstEvidence: z.object({ runId: RunId, checkName: z.string(), regionId: RegionId }).optional(),
    timeInSeverity: z.array(z.object({ severity: Severity, ms: z.number().nonnegative() })),
  }),
  affected: z.object({
    scope: Scope,
    services: z.array(z.object({ serviceId: ServiceId, name: z.string() })),
    /** Checks that fail, the most important first. */
    checks: z.array(
      z.object({
        checkId: CheckId,
        name: z.string(),
        isJourney: z.boolean(),
        step: z.string().optional(),
        regions: z.array(RegionId),
        regionsWatching: z.number().int().nonnegative(),
      }),
    ),
    /** Open findings beyond those. */
    more: z.number().int().nonnegative(),
    /** Of the checks that watch these services, how many fail. */
    checksFailing: z.number().int().nonnegative(),
    checksWatching: z.number().int().nonnegative(),
    regions: z.array(RegionId),
    /** Absent where no query says, and from older coordinators. */
    users: ImpactNumber.optional(),
    share: ImpactNumber.optional(),
    /** About what each service did not earn, in words; absent where no rate is stated or no share measured. */
    revenue: z
      .array(z.object({ serviceId: ServiceId, name: z.string(), words: z.string() }))
      .optional(),
    /** Numbers by zone, or another label, as far as queries of these services have them. */
    tables: z
      .array(
        z.object({
          queryId: z.string(),
          name: z.string(),
          /** What the number counts, where the query says. */
          means: z.string().optional(),
          at: Instant,
          table: ReadingTable,
          /** What alone is bad, in words; absent where that is everything, or nothing. */
          segment: z.string().optional(),
        }),
      )
      .optional(),
    /** What the regions that fail have in common, and the others that look do not: `network acme`. */
    segment: z.string().optional(),
    /** The lowest layer that a look right after a failure found broken. */
    firstBroken: z
      .object({
        layer: z.string(),
        message: z.string(),
        runId: RunId,
        checkName: z.string(),
        regionId: RegionId,
      })
      .optional(),
  }),
  needed: z.object({
    /** Where to look at the affected services, in their order; absent where none has any. */
    links: z.array(z.object({ name: z.string(), url: z.string() })).optional(),
    owners: z.array(z.object({ serviceId: ServiceId, name: z.string(), owner: z.string() })),
    /** Who has it, and whether that holds for all of it. */
    acknowledged: z.object({ by: z.string(), at: Instant, isCurrent: z.boolean() }).optional(),
  }),
  corroboration: z.object({
    seen: z.array(z.object({ layer: Layer, findings: z.number().int().positive() })),
    /** Layers that watch these services as well, and saw nothing. */
    notSeen: z.array(Layer),
  }),
  /** Absent where nobody tells of changes, and from older coordinators. */
  changes: z
    .object({
      /** Newest first. */
      list: z.array(
        Change.extend({
          serviceName: z.string(),
          /** It was to a service that an affected one needs, not to an affected one. */
          isOfNeeded: z.boolean(),
        }),
      ),
      /** Older ones of the same time, beyond those. */
      more: z.number().int().nonnegative(),
    })
    .optional(),
  /** What people reported of these services since it began; absent where nobody did. */
  reports: z
    .object({
      count: z.number().int().positive(),
      /** The last ones, newest first. */
      latest: z.array(UserReport.pick({ at: true, text: true, by: true })),
    })
    .optional(),
  similar: z.array(SimilarIncident),
})
export type TriageCard = z.infer<typeof TriageCard>
