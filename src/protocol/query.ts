import { z } from 'zod'
import { NAME_LENGTH_MAX, ServiceId } from './ids.ts'
import { Severity } from './severity.ts'
import { secretName } from './written-base.ts'
import { WrittenDuration } from './written-duration.ts'

/**
 * Queries of our own, `config/queries.yaml`: each asks for a number again and again, and says when it
 * is bad.
 */

/** Log lines that mean the same everywhere, by name. */
export const LogPatternName = z.enum([
  'out-of-memory',
  'connection-refused',
  'connection-timeout',
  'disk-full',
  'tls-failure',
])
export type LogPatternName = z.infer<typeof LogPatternName>

const text = z.string().min(1).max(5_000)
const url = z
  .url({ protocol: /^https?$/, error: 'an address such as http://prometheus:9090' })
  .max(500)

const common = {
  id: z
    .string()
    .max(60)
    .regex(
      /^[a-z0-9]+(-[a-z0-9]+)*$/,
      'lower-case letters, digits and single dashes, such as order-errors',
    ),
  name: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('The id when absent.'),
  service: ServiceId.describe('Whose incident it belongs to.'),
  url: url.describe('Where it is asked; the path of the interface is added.'),
  secret: secretName
    .optional()
    .describe('Name of the variable with a bearer token; for elasticsearch with an API key.'),
  every: WrittenDuration.optional().describe('How often; 1m when absent.'),
  impact: z
    .enum(['users', 'share'])
    .optional()
    .describe(
      'Its number says how many users, or which share of them (0 to 1), an incident of the service affects. Without an alert it is asked only while one is open.',
    ),
  means: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'What is counted, to be shown beside the number: distinct client addresses, last 10 min.',
    ),
  alert: z
    .strictObject({
      above: z.number().optional(),
      below: z.number().optional(),
      for: WrittenDuration.optional().describe(
        'How long it must be bad, and good again, before that counts; 3m when absent.',
      ),
      timesBaseline: z
        .number()
        .gt(1)
        .max(1_000)
        .optional()
        .describe(
          'It must also be above so many times what is usual at this hour of the week: the median of the four weeks before.',
        ),
      samplesMin: z
        .number()
        .positive()
        .optional()
        .describe('A share of fewer than so many says nothing.'),
    })
    .refine(({ above, below }) => above !== undefined || below !== undefined, {
      error: 'at least one of above and below',
    })
    .optional()
    .describe(
      'When the number is bad; needed where there is no impact and no service counts by it.',
    ),
  severity: Severity.optional().describe('severities.yaml decides when absent.'),
  unit: z
    .enum(['share', 'events'])
    .optional()
    .describe(
      'What its number is: a share, between 0 and 1; or events that are no share of the traffic, such as processes that were killed.',
    ),
}

const over = WrittenDuration.optional().describe('How far back it looks; 5m when absent.')
const by = z
  .string()
  .max(100)
  .regex(/^[a-zA-Z_][\w.@-]*$/, 'a label such as zone')
  .optional()
  .describe('A label: then its number is asked for each of its values, the worst of which counts.')
const pattern = LogPatternName.optional().describe(
  'A pattern of ours: then the number is the share of the lines that match it.',
)

export const WrittenQuery = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('prometheus'),
    query: text.describe('PromQL that gives one number.'),
    ratioOf: text.optional().describe('PromQL of the whole: then the number is a share of it.'),
    by,
    scrape: z
      .strictObject({
        up: z.string().max(500).describe('Of which targets it is made, such as up{job="orders"}.'),
        interval: WrittenDuration.describe('How often they are scraped.'),
        over: WrittenDuration.optional().describe('How far back it must be whole; 5m when absent.'),
      })
      .optional()
      .describe(
        'Whether what it is made of was collected is asked beside it: where it was not, that is told, and no alert opens.',
      ),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('loki'),
    query: text.describe('LogQL that gives one number; with pattern, a selector of streams.'),
    ratioOf: text.optional().describe('LogQL of the whole: then the number is a share of it.'),
    by,
    pattern,
    over,
    tenant: z.string().min(1).max(200).optional().describe('X-Scope-OrgID.'),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('elasticsearch'),
    index: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^/?#\s]+$/, 'an index such as logs-*'),
    query: text.optional().describe('In the words of query_string; everything when absent.'),
    ratioOf: text.optional().describe('The same of the whole: then the number is a share of it.'),
    distinct: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('A field such as client.ip: then its distinct values are counted, nearly.'),
    by,
    pattern,
    over,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('cloudwatch'),
    url: url.optional().describe('Of an interface of your own; of the region when absent.'),
    region: z
      .string()
      .max(40)
      .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region such as eu-west-1'),
    secret: secretName.describe(
      'Name of the variable with access key id, secret access key and, if there is one, session token, with colons between.',
    ),
    logGroups: z.array(z.string().min(1).max(512)).min(1).max(50),
    query: text
      .optional()
      .describe('Logs Insights QL whose first result has one number: … | stats count(*) as value.'),
    ratioOf: text.optional().describe('The same of the whole: then the number is a share of it.'),
    pattern,
    over,
    scanMax: z
      .string()
      .max(20)
      .regex(/^\d+(\.\d+)?\s?[MGT]B$/, 'an amount such as 10GB')
      .optional()
      .describe('Most log data that it may scan in a day, as it costs money; 10GB when absent.'),
  }),
])
export type WrittenQuery = z.infer<typeof WrittenQuery>

export const QueriesFile = z.strictObject({
  queries: z.array(WrittenQuery).max(200).describe('Numbers that are asked for.'),
})
export type QueriesFile = z.infer<typeof QueriesFile>

export type NumberAlert = {
  above?: number
  below?: number
  forMs: number
  samplesMin?: number
  timesBaseline?: number
}

type Resolved<Q extends WrittenQuery> = Q extends WrittenQuery
  ? Omit<Q, 'service' | 'every' | 'alert' | 'over' | 'name' | 'scanMax' | 'scrape'> & {
      name: string
      serviceId: string
      everyMs: number
      overMs: number
      /** Absent of queries that are asked for their number alone. */
      alert?: NumberAlert
      /** Of queries of Prometheus: of which targets it is made, and how often they are scraped. */
      scrape?: { up: string; intervalMs: number; overMs: number }
      /** Of queries that cost money by what they scan: most of it in a day. */
      scanBytesMax?: number
    }
  : never

/** With every default applied. */
export type Query = Resolved<WrittenQuery>
export type QueryKind = Query['kind']
export type QueryOf<K extends QueryKind> = Extract<Query, { kind: K }>

/** What a query sees. */
export const layerOfQuery = ({ kind }: { kind: QueryKind }): 'metrics' | 'logs' =>
  kind === 'prometheus' ? 'metrics' : 'logs'
