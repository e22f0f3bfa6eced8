import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Reading } from '../../domain/signal/judge-reading.ts'
import { patternExpression } from '../../domain/signal/log-patterns.ts'
import type { QueryOf } from '../../protocol/query.ts'
import { jsonIn } from './prometheus.ts'
import {
  noData,
  type QueryContext,
  type QueryReader,
  quoted,
  shareOf,
  unknown,
} from './query-reader.ts'
import { type AwsCredentials, signAwsRequest } from './sign-aws-request.ts'

/** Between two looks at whether a query is done; AWS takes five requests a second. */
const POLL_MS = 500
/** For telling AWS to stop what nobody waits for any more. */
const STOP_MS_MAX = 2_000

const Started = z.object({ queryId: z.string() })
const Results = z.object({
  status: z.string(),
  results: z.array(z.array(z.object({ field: z.string(), value: z.string().optional() }))),
  statistics: z
    .object({ recordsMatched: z.number(), recordsScanned: z.number(), bytesScanned: z.number() })
    .partial()
    .optional(),
})
type Results = z.infer<typeof Results>
const Refusal = z.object({ __type: z.string(), message: z.string().optional() })

/**
 * CloudWatch Logs Insights: a query is started, asked for until it is complete, and stopped when its
 * time is over, because what it scans costs money. With a pattern the number is the share of the log
 * events that match it, of those that were scanned: one query says both.
 */
export const readCloudwatch: QueryReader<'cloudwatch'> = async (query, context) => {
  const { secret, scanned } = context
  const credentials = credentialsIn(secret)
  if (!credentials) return unknown('the secret is not <access key id>:<secret access key>')
  const ask = async (text: string): Promise<Results | Reading> => {
    const results = await runQuery(query, credentials, text, context)
    if ('status' in results) scanned(results.statistics?.bytesScanned ?? 0)
    return results
  }
  const { samplesMin } = query.alert ?? {}
  if (query.pattern !== undefined) {
    const expression = patternExpression(query.pattern).replaceAll('/', '\\/')
    const found = await ask(
      `${chained(query.query)}filter @message like /${expression}/ | stats count(*)`,
    )
    return 'status' in found ? matchedShare(found, samplesMin) : found
  }
  const number = async (text: string) => {
    const found = await ask(text)
    return 'status' in found ? numberIn(found) : found
  }
  const part = await number(query.query ?? 'stats count(*)')
  if (query.ratioOf === undefined) return part
  return shareOf(part, await number(query.ratioOf), samplesMin)
}

const chained = (text: string | undefined) => (text === undefined ? '' : `${text} | `)

function credentialsIn(secret: string | undefined): AwsCredentials | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = (secret ?? '').trim().split(':')
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

type Call = (operation: string, body: object, signal: AbortSignal) => Promise<unknown>

async function runQuery(
  query: QueryOf<'cloudwatch'>,
  credentials: AwsCredentials,
  queryString: string,
  context: QueryContext,
): Promise<Results | Reading> {
  const { signal, now } = context
  const call = callOf(query, credentials, context)
  const end = context.at ?? now()
  const started = await call(
    'StartQuery',
    {
      logGroupNames: query.logGroups,
      startTime: Math.floor((end - query.overMs) / 1_000),
      endTime: Math.ceil(end / 1_000),
      queryString,
      limit: 2,
    },
    signal,
  )
  if (started instanceof Refused) return unknown(started.message)
  const { queryId } = Started.parse(started)
  try {
    return await resultsOf(call, queryId, signal)
  } catch (error) {
    // It would go on, and cost, for up to an hour.
    if (signal.aborted)
      await call('StopQuery', { queryId }, AbortSignal.timeout(STOP_MS_MAX)).catch(() => undefined)
    throw error
  }
}

async function resultsOf(
  call: Call,
  queryId: string,
  signal: AbortSignal,
): Promise<Results | Reading> {
  for (;;) {
    const answer = await call('GetQueryResults', { queryId }, signal)
    if (answer instanceof Refused) return unknown(answer.message)
    const results = Results.parse(answer)
    if (results.status === 'Complete') return results
    if (results.status !== 'Scheduled' && results.status !== 'Running')
      return unknown(`the query ended as ${results.status}`)
    await wait(POLL_MS, undefined, { signal })
  }
}

/** What AWS said instead of an answer. */
class Refused {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

function callOf(
  { region, url: written }: QueryOf<'cloudwatch'>,
  credentials: AwsCredentials,
  { http, now }: QueryContext,
): Call {
  const url = new URL(written ?? `https://logs.${region}.amazonaws.com/`)
  return async (operation, content, signal) => {
    const body = JSON.stringify(content)
    const headers = signAwsRequest(
      {
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `Logs_20140328.${operation}`,
        },
        body,
      },
      { region, service: 'logs', at: now() },
      credentials,
    )
    const answer = await http.post(url.href, body, { headers, signal })
    const json = jsonIn(answer.body)
    if (answer.status === 200) return json
    const refusal = Refusal.safeParse(json)
    const said = refusal.success
      ? `${refusal.data.__type.replace(/^.*#/, '')}: ${refusal.data.message ?? ''}`
      : answer.body
    return new Refused(`it answered ${answer.status}: ${quoted(said)}`)
  }
}

function matchedShare({ statistics }: Results, samplesMin: number | undefined): Reading {
  const { recordsMatched, recordsScanned } = statistics ?? {}
  if (recordsMatched === undefined || recordsScanned === undefined)
    return unknown('its answer does not say how many events were scanned')
  return shareOf(
    { kind: 'number', value: recordsMatched },
    { kind: 'number', value: recordsScanned },
    samplesMin,
  )
}

/** The one number of the one row; fields with an at sign are of CloudWatch's own. */
function numberIn({ results }: Results): Reading {
  const [row, ...others] = results
  if (!row) return noData('the result is empty')
  if (others.length > 0) return unknown('it gives several rows; stats without by makes one of them')
  const [only, ...more] = row.filter(({ field }) => !field.startsWith('@'))
  if (!only || more.length > 0)
    return unknown(`it gives ${row.length} fields; stats … as value makes one of them`)
  const value = Number(only.value)
  return (only.value ?? '').trim() !== '' && Number.isFinite(value)
    ? { kind: 'number', value }
    : noData(`the result is ${only.value ?? 'nothing'}`)
}
