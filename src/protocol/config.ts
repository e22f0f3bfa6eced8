import { z } from 'zod'
import { CheckKind } from './check.ts'
import { Tier } from './check-base.ts'
import { ChannelId, DESTINATION_FIELDS, Senders } from './destination.ts'
import { FindingKind, Layer } from './finding-kind.ts'
import {
  CheckId,
  COORDINATOR_REGION,
  FLEET_SERVICE,
  NAME_LENGTH_MAX,
  RegionId,
  ServiceId,
} from './ids.ts'
import { type Objective, ObjectiveName } from './objective.ts'
import type { OnCall } from './on-call.ts'
import type { Query } from './query.ts'
import type { Runbook } from './runbook.ts'
import { Severity } from './severity.ts'
import type { ReportRule, SignalSource, Vendor } from './signal.ts'
import type { StatusPage } from './status-page.ts'
import type { MaintenanceWindow } from './suppression.ts'
import { Tracker } from './ticket.ts'
import { hostName } from './written-base.ts'
import { WrittenDuration } from './written-duration.ts'

/** The files of `config/` as people write them. Strict, like every file that people write. */

const REFERENCES_MAX = 10
const ENDPOINT = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/

const WrittenReferences = z.strictObject({
  names: z
    .array(hostName)
    .max(REFERENCES_MAX)
    .optional()
    .describe("Names that the region's own resolver can always find."),
  addresses: z
    .array(z.string().regex(ENDPOINT, 'expected an address and a port, such as 192.0.2.1:443'))
    .max(REFERENCES_MAX)
    .optional()
    .describe('What accepts TCP connections whenever the region has a network.'),
  resolvers: z
    .array(
      z
        .string()
        .regex(
          /^(\[[0-9a-fA-F:]+\]|[0-9.]+)(:\d{1,5})?$/,
          'expected the address of a name server, such as 192.0.2.53',
        ),
    )
    .max(2)
    .optional()
    .describe("Name servers to compare the region's own with, when something failed."),
})

const NetworkPolicy = z
  .enum(['any', 'public'])
  .describe('public refuses private, link-local and metadata addresses; any, when absent, none.')

const everywhere = {
  network: NetworkPolicy.optional(),
  references: WrittenReferences.optional().describe(
    'What a probe tries before it blames a target for a failure of the network.',
  ),
}

export const RegionsFile = z.strictObject({
  ...everywhere,
  regions: z
    .array(
      z.strictObject({
        id: RegionId.refine((id) => id !== COORDINATOR_REGION, {
          error: `expected another id: heartbeats are filed under "${COORDINATOR_REGION}"`,
        }),
        name: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('For people: Frankfurt.'),
        provider: z
          .string()
          .min(1)
          .max(NAME_LENGTH_MAX)
          .optional()
          .describe('Whose network it is; the region itself when absent. See alert.independent.'),
        ...everywhere,
      }),
    )
    .min(1)
    .max(100)
    .describe('Order matters: it fixes when each region looks within the interval.'),
  silentAfter: WrittenDuration.optional().describe(
    'A region that says nothing for so long is silent; 60s when absent.',
  ),
})
export type RegionsFile = z.infer<typeof RegionsFile>

/** What a probe of the region may connect to, and what it knows its own network by. */
export const RegionNetwork = z.object({
  policy: z.enum(['any', 'public']),
  references: z.object({
    names: z.array(z.string()),
    /** `host:port`. */
    addresses: z.array(z.string()),
    resolvers: z.array(z.string()),
  }),
})
export type RegionNetwork = z.infer<typeof RegionNetwork>

/** Rolling, so that no budget is given back at the turn of a month. */
export const OBJECTIVE_PERIODS = ['7d', '28d', '30d'] as const
export const OBJECTIVES_PER_SERVICE_MAX = 20

export const WrittenObjective = z.strictObject({
  name: ObjectiveName.describe('Unique within the service, such as availability.'),
  target: z
    .string('expected a share such as 99.9%')
    .regex(/^(?!0+(\.0+)?%)\d{1,2}(\.\d{1,4})?%$/, 'expected a share below 100%, such as 99.9%')
    .describe('How many runs, or requests, must be good.'),
  over: z
    .enum(OBJECTIVE_PERIODS)
    .optional()
    .describe('The rolling period that the error budget is for; 28d when absent.'),
  checks: z
    .array(CheckId)
    .min(1)
    .max(100)
    .optional()
    .describe('Whose runs count; every check of the service but heartbeats when absent.'),
  latency: WrittenDuration.optional().describe(
    'A run is good when it passed within so long; when absent, when it passed.',
  ),
  traffic: z
    .strictObject({
      good: z.string().min(1).max(60).describe('Of queries.yaml; it counts the good ones.'),
      total: z.string().min(1).max(60).describe('Of queries.yaml; it counts all.'),
    })
    .optional()
    .describe(
      'Requests of users count instead of runs of probes: two queries of Prometheus that count what came within five minutes.',
    ),
})
export type WrittenObjective = z.infer<typeof WrittenObjective>

/** Where people look at a service: a dashboard, its logs. */
export const ServiceLink = z.strictObject({
  name: z.string().min(1).max(NAME_LENGTH_MAX),
  url: z
    .url({ protocol: /^https?$/, error: 'an address such as https://grafana.example.com/d/orders' })
    .max(2_000),
})
export type ServiceLink = z.infer<typeof ServiceLink>

/** What a service earns in a minute in which it works. */
export const RevenuePerMinute = z.strictObject({
  amount: z.number().positive('expected more than 0').max(1_000_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/, 'expected the three letters of a currency, such as EUR'),
})
export type RevenuePerMinute = z.infer<typeof RevenuePerMinute>

export const ServicesFile = z.strictObject({
  services: z
    .array(
      z.strictObject({
        id: ServiceId.refine((id) => id !== FLEET_SERVICE, {
          error: `expected another id: incidents of the fleet itself are filed under "${FLEET_SERVICE}"`,
        }),
        name: z.string().min(1).max(NAME_LENGTH_MAX).optional(),
        tier: Tier.describe('core: the business stops without it.'),
        owner: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('Team that owns it.'),
        description: z.string().max(500).optional(),
        objectives: z
          .array(WrittenObjective)
          .max(OBJECTIVES_PER_SERVICE_MAX)
          .optional()
          .describe('What share of its runs must be good, over which time.'),
        links: z
          .array(ServiceLink)
          .max(10)
          .optional()
          .describe('Where one looks when it fails: dashboards, logs. Shown on its incidents.'),
        needs: z
          .array(ServiceId)
          .max(50)
          .optional()
          .describe(
            'Services without which this one cannot work: while one fails, it is not told.',
          ),
        downstream: z
          .array(CheckId)
          .max(50)
          .optional()
          .describe(
            'Checks of what lives on this service: while an incident of it is verified, they must be green.',
          ),
        revenuePerMinute: RevenuePerMinute.optional().describe(
          'What it earns while it works: an incident then says about what was lost. Never told in public.',
        ),
        throughput: z
          .strictObject({
            query: z.string().min(1).max(60).describe('Of queries.yaml; it counts what is done.'),
            atLeast: z
              .string('expected a share such as 80%')
              .regex(/^([1-9]\d?|100)%$/, 'expected a share up to 100%, such as 80%')
              .optional()
              .describe('Of the same hour of last week; 80% when absent.'),
            required: z
              .boolean()
              .optional()
              .describe(
                'While it is not known, no incident is restored; it holds nothing up else.',
              ),
          })
          .optional()
          .describe(
            'How much of its work it does: while an incident of it is verified, about as much as last week.',
          ),
      }),
    )
    .min(1)
    .max(1_000),
})
export type ServicesFile = z.infer<typeof ServicesFile>

export { Severity }

/** How wide a failure is, as far as fresh votes tell. */
export const Scope = z.enum(['global', 'regional', 'unknown'])
export type Scope = z.infer<typeof Scope>

const facts = {
  finding: FindingKind.optional(),
  layer: Layer.optional(),
  kind: CheckKind.optional().describe('Of the check that fails: tcp, journey …'),
  tier: Tier.optional(),
  scope: Scope.optional(),
}

export const SeverityRule = z.strictObject({
  when: z.strictObject({
    ...facts,
    dataAtRisk: z
      .literal(true)
      .optional()
      .describe('Somebody has flagged on the incident that data may be lost or wrong.'),
    together: z
      .array(z.strictObject(facts))
      .min(2)
      .max(3)
      .optional()
      .describe('Each is a finding of its own that is open on the same incident at the same time.'),
  }),
  severity: Severity,
  because: z
    .string()
    .min(1)
    .max(300)
    .describe('One sentence; quoted wherever the severity is shown.'),
})
export type SeverityRule = z.infer<typeof SeverityRule>

export const SeveritiesFile = z.strictObject({
  severities: z
    .record(
      Severity,
      z.strictObject({
        name: z.string().max(NAME_LENGTH_MAX),
        description: z.string().max(500),
        updateEvery: z
          .union([WrittenDuration, z.literal('never')])
          .optional()
          .describe(
            'How often people hear of it once it is declared; 15m at SEV-1, 30m at SEV-2 and never below when absent.',
          ),
      }),
    )
    .optional(),
  rules: z
    .array(SeverityRule)
    .min(1)
    .max(100)
    .describe('First match wins; the last one must match everything.'),
  verifyFor: WrittenDuration.optional().describe(
    'How long an incident must stay clean before it counts as restored; 30m when absent.',
  ),
})
export type SeveritiesFile = z.infer<typeof SeveritiesFile>

const id = ChannelId

/** A destination that every incident event goes to. */
export const Channel = z.discriminatedUnion('kind', [
  z.strictObject({ id, kind: z.literal('webhook'), ...DESTINATION_FIELDS.webhook }),
  z.strictObject({ id, kind: z.literal('email'), ...DESTINATION_FIELDS.email }),
  z.strictObject({ id, kind: z.literal('slack'), ...DESTINATION_FIELDS.slack }),
  z.strictObject({ id, kind: z.literal('pagerduty'), ...DESTINATION_FIELDS.pagerduty }),
  z.strictObject({ id, kind: z.literal('opsgenie'), ...DESTINATION_FIELDS.opsgenie }),
  z.strictObject({ id, kind: z.literal('jsm'), ...DESTINATION_FIELDS.jsm }),
  z.strictObject({ id, kind: z.literal('ntfy'), ...DESTINATION_FIELDS.ntfy }),
])
export type Channel = z.infer<typeof Channel>

export const NotificationsFile = z.strictObject({
  senders: Senders.optional().describe('How channels and people are reached, once for all.'),
  channels: z.array(Channel).max(100).describe('Every incident event goes to each of them.'),
  tickets: Tracker.optional().describe(
    'Where what can wait becomes a ticket: SEV-3, slow burns, and what is declined as one.',
  ),
})
export type NotificationsFile = z.infer<typeof NotificationsFile>

/** The whole of `probes/` and `config/`, read, checked and resolved. */
export type Fleet = {
  regions: { id: string; name: string; provider?: string; network?: RegionNetwork }[]
  silentAfterMs: number
  services: {
    id: string
    name: string
    tier: Tier
    owner: string | undefined
    links?: ServiceLink[]
    needs?: string[]
    /** Checks that must be green before an incident of it is restored. */
    downstream?: string[]
    /** What it earns while it works; nobody says when absent. */
    revenuePerMinute?: RevenuePerMinute
    /** The query that says how much of its work it does, and how much of last week's that must be. */
    throughput?: { queryId: string; shareMin: number; isRequired: boolean }
  }[]
  /** Planned work; none when absent. */
  maintenance?: MaintenanceWindow[]
  severityRules: SeverityRule[]
  /** What each severity is called and means, for people. */
  severityLabels?: Record<Severity, { name: string; description: string }>
  verifyForMs: number
  channels: Channel[]
  /** How they, and people, are reached; the usual servers when absent. */
  senders?: Senders
  /** Where what can wait becomes a ticket; nowhere when absent. */
  tracker?: Tracker
  checks: import('./check.ts').CheckDefinition[]
  objectives: Objective[]
  /** Who may say that something is wrong, besides our own probes. */
  signalSources: SignalSource[]
  /** Name of the secret that whoever tells of changes shows; absent where nobody may. */
  changeSecret?: string
  /** When what people report is a finding; `USUAL_REPORT_RULE` when absent. */
  reportRule?: ReportRule
  /** Whose status pages are looked at; nobody's when absent. */
  vendors?: Vendor[]
  /** Queries of our own; none when absent. */
  queries?: Query[]
  /** How often people hear of an incident of a severity; as it changes where there is none. */
  updateEveryMs?: Partial<Record<Severity, number>>
  /** The public status page; none when absent. */
  statusPage?: StatusPage
  /** What to do about which alert; none when absent. */
  runbooks?: Runbook[]
  /** Who is paged; nobody when absent. */
  onCall?: OnCall
  /** SHA-256 over everything above, hex, first 16 digits. */
  hash: string
}
