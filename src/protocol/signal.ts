import { z } from 'zod'
import { Layer } from './finding-kind.ts'
import { CheckId, Instant, NAME_LENGTH_MAX, ServiceId } from './ids.ts'
import { Severity } from './severity.ts'
import { secretName } from './written-base.ts'

/**
 * Signals: what other systems say is wrong. `config/signals.yaml` names who may say so; each source
 * sends to `POST /api/v1/signals/<source>`.
 */

/** Signals that one delivery may bring. */
export const SIGNALS_PER_DELIVERY_MAX = 1_000
/** Longest delivery, in bytes. */
export const DELIVERY_BYTES_MAX = 2 * 1024 * 1024

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

const common = {
  id: SignalSourceId,
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

export const SignalsFile = z.strictObject({
  sources: z.array(SignalSource).max(100).describe('Who may say that something is wrong.'),
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
  link: z.url().optional(),
})
export type Change = z.infer<typeof Change>

/** What somebody outside of the team noticed. */
export const UserReport = z.object({
  serviceId: ServiceId,
  /** What they could not do. */
  text: z.string().min(1).max(2_000),
  by: z.string().max(NAME_LENGTH_MAX).optional(),
  checkId: CheckId.optional(),
  at: Instant,
})
export type UserReport = z.infer<typeof UserReport>
