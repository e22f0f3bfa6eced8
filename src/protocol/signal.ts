import { z } from 'zod'
import { Layer } from './finding-kind.ts'
import { CheckId, Instant, NAME_LENGTH_MAX, ServiceId } from './ids.ts'
import { Severity } from './severity.ts'
import { secretName } from './written-base.ts'
import { WrittenDuration } from './written-duration.ts'

/**
 * Signals: what other systems say is wrong. `config/signals.yaml` names who may say so; each source
 * sends to `POST /api/v1/signals/<source>`.
 */

/** Signals that one delivery may bring. */
export const SIGNALS_PER_DELIVERY_MAX = 1_000
/** Longest delivery, in bytes. */
export const DELIVERY_BYTES_MAX = 2 * 1024 * 1024
/** The same of a change or of a person's report. */
export const TOLD_BYTES_MAX = 16 * 1024

export const SignalSourceId = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'lower-case letters, digits and single dashes, such as prometheus-main',
  )

const jsonPath = z.string().max(500).regex(/^\$/, 'a JSONPath such as $.title')
/** A label's name, or a JSONPath with `kind: json`. */
const from = z.string().min(1).max(500)

const serviceMapping = z.union(
  [
    ServiceId,
    z.strictObject({
      from: from.describe('The label (or the JSONPath) that names the service.'),
      map: z.record(z.string(), ServiceId).optional().describe('Their names to our services.'),
      otherwise: ServiceId.describe('The service of signals that name none that we know.'),
    }),
  ],
  { error: 'a service, or a mapping such as { from: service, otherwise: storefront }' },
)

const severityMapping = z.union(
  [
    Severity,
    z.strictObject({
      from: from.describe('The label (or the JSONPath) that says how severe it is.'),
      map: z.record(z.string(), Severity).describe('Their words to our severities.'),
      otherwise: Severity.optional().describe('Of other words; severities.yaml when absent.'),
    }),
  ],
  { error: 'a severity, or a mapping such as { from: severity, map: { page: SEV-1 } }' },
)

/** What people reported, as a source; of vendors and queries, what their sources begin with. */
export const USER_REPORTS_SOURCE = 'user-reports'
const OURS = /^(user-reports$|vendor-|query-)/

const common = {
  id: SignalSourceId.refine((id) => !OURS.test(id), {
    error: 'expected another id: user-reports, vendor-… and query-… are sources of our own',
  }),
  name: z
    .string()
    .min(1)
    .max(NAME_LENGTH_MAX)
    .optional()
    .describe('For people; the id when absent.'),
  secret: secretName.describe(
    'Name of the environment variable that holds what the source proves itself by.',
  ),
  layer: Layer.exclude(['probes', 'fleet', 'objectives'])
    .optional()
    .describe('What it sees: metrics when absent.'),
  service: serviceMapping,
  severity: severityMapping.optional().describe('severities.yaml decides when absent.'),
}

const words = z.array(z.string()).min(1).max(50)

export const SignalSource = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('alertmanager') }),
  z.strictObject({ ...common, kind: z.literal('grafana') }),
  z.strictObject({ ...common, kind: z.literal('pagerduty') }),
  z.strictObject({ ...common, kind: z.literal('opsgenie') }),
  z.strictObject({ ...common, kind: z.literal('sns') }),
  z.strictObject({
    ...common,
    kind: z.literal('json'),
    items: jsonPath.optional().describe('The list of signals in the body; the body when absent.'),
    key: jsonPath.describe('What tells one signal from another, and stays the same for it.'),
    subject: jsonPath.describe('What is wrong, in a line.'),
    reason: jsonPath.optional().describe('More of it.'),
    link: jsonPath.optional(),
    state: z
      .strictObject({ from: jsonPath, firing: words, resolved: words })
      .describe('Which words mean that it is wrong, and which that it is over.'),
  }),
])
export type SignalSource = z.infer<typeof SignalSource>
export type SignalKind = SignalSource['kind']
export type SignalSourceOf<K extends SignalKind> = Extract<SignalSource, { kind: K }>

/** How bad a vendor says that it is. */
export const VendorImpact = z.enum(['minor', 'major', 'critical'])
export type VendorImpact = z.infer<typeof VendorImpact>

const WrittenVendor = z.strictObject({
  id: SignalSourceId,
  name: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('The id when absent.'),
  url: z
    .url({ protocol: /^https?$/, error: 'an address such as https://status.example.com' })
    .max(500)
    .describe('Its status page, of the form of Atlassian Statuspage.'),
  components: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(100)
    .optional()
    .describe('Only what we use of it, as the page names it; all of it when absent.'),
  service: ServiceId.describe('Whose incident it belongs to.'),
  every: WrittenDuration.optional().describe('How often the page is looked at; 1m when absent.'),
  severities: z
    .partialRecord(VendorImpact, Severity)
    .optional()
    .describe('When absent: minor is SEV-4, major SEV-3, critical SEV-2.'),
})

export const SignalsFile = z.strictObject({
  sources: z.array(SignalSource).max(100).describe('Who may say that something is wrong.'),
  changes: z
    .strictObject({
      secret: secretName.describe(
        'Name of the environment variable that holds what pipelines prove themselves by.',
      ),
    })
    .optional()
    .describe('Who may tell of changes; nobody when absent.'),
  reports: z
    .strictObject({
      count: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .optional()
        .describe('So many reports of one service are a finding; 3 when absent.'),
      within: WrittenDuration.optional().describe('How long they count; 15m when absent.'),
      severity: Severity.optional().describe('severities.yaml decides when absent.'),
    })
    .optional()
    .describe('When what people report means that something is wrong.'),
  vendors: z
    .array(WrittenVendor)
    .max(50)
    .optional()
    .describe('Others whose status pages are looked at.'),
})
export type SignalsFile = z.infer<typeof SignalsFile>

/** One signal as a source told it, before anything was made of it. */
export const Signal = z.object({
  /** Unique within its source, and the same each time that it is told. */
  key: z.string().min(1).max(300),
  state: z.enum(['firing', 'resolved']),
  /** When it began, by the source's clock; when it was received, if the source does not say. */
  startedAt: Instant,
  /** False when the source did not say when it began. */
  isStartKnown: z.boolean(),
  /** When the source said so, by its clock, where it tells that of each message. */
  toldAt: Instant.optional(),
  subject: z.string().max(300),
  reason: z.string().max(2_000),
  link: z.url().optional(),
  serviceId: ServiceId,
  severity: Severity.optional(),
})
export type Signal = z.infer<typeof Signal>

/** What is known of a signal. */
export const SignalStatus = Signal.extend({
  sourceId: SignalSourceId,
  firstReceivedAt: Instant,
  lastReceivedAt: Instant,
  /** How often it was told. */
  times: z.number().int().positive(),
})
export type SignalStatus = z.infer<typeof SignalStatus>

/** Something that was changed on purpose: a deployment, a flag, a migration. */
export const Change = z.object({
  /** Given by whoever tells it; told twice it is stored once. */
  id: z.string().min(1).max(200),
  serviceId: ServiceId,
  kind: z.enum(['deploy', 'rollback', 'config', 'flag', 'migration', 'infrastructure', 'other']),
  summary: z.string().min(1).max(300),
  /** When it took effect. */
  at: Instant,
  by: z.string().max(NAME_LENGTH_MAX).optional(),
  version: z.string().max(200).optional(),
  /** It is followed by whoever reads the incident: nothing but web addresses. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
})
export type Change = z.infer<typeof Change>

/** Longest text of a report. */
const REPORT_LENGTH_MAX = 4_000
const REPORTER_LENGTH_MAX = 100

/** What somebody outside of the team noticed. */
export const UserReport = z.object({
  serviceId: ServiceId,
  /** What they could not do. */
  text: z.string().min(1).max(REPORT_LENGTH_MAX),
  by: z.string().max(REPORTER_LENGTH_MAX).optional(),
  checkId: CheckId.optional(),
  at: Instant,
})
export type UserReport = z.infer<typeof UserReport>

/** A report as people and support's programs send it. */
export const NewUserReport = z.strictObject({
  serviceId: ServiceId,
  text: z.string().trim().min(1).max(REPORT_LENGTH_MAX),
  by: z
    .string()
    .trim()
    .min(1)
    .max(REPORTER_LENGTH_MAX)
    .regex(/^\P{Cc}*$/u, 'expected a name on one line')
    .optional(),
  checkId: CheckId.optional(),
  /** The same again does nothing. */
  commandId: z.string().min(8).max(100).optional(),
})
export type NewUserReport = z.infer<typeof NewUserReport>

/** Somebody whose status page is looked at. */
export type Vendor = {
  id: string
  name: string
  /** Without a slash at its end. */
  url: string
  components?: string[]
  serviceId: string
  everyMs: number
  severities: { readonly [I in VendorImpact]: Severity }
}

/** When reports of a service mean that something is wrong with it. */
export type ReportRule = { count: number; withinMs: number; severity?: Severity }

/** Where `config/signals.yaml` does not say. */
export const USUAL_REPORT_RULE: ReportRule = { count: 3, withinMs: 15 * 60_000 }
