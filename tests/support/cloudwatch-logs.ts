import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { signAwsRequest } from '../../src/coordinator/queries/sign-aws-request.ts'
import { listenOnLoopback } from './listen.ts'

/** Its own keys, and no others. */
export const AWS_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' }

export type LogsAnswer = {
  /** As often as it is not done yet before it is. */
  running?: number
  status?: string
  results?: { field: string; value: string }[][]
  statistics?: { recordsMatched: number; recordsScanned: number; bytesScanned: number }
}

export type LogsCall = { operation: string; body: Record<string, unknown> }

/**
 * CloudWatch Logs as it answers over HTTP, JSON 1.1: it checks every signature, starts queries, tells
 * how they stand, and stops them.
 *
 * @param answer what becomes of a query, by its text; a refusal is given as it is.
 */
export async function startCloudwatchLogs(
  answer: (queryString: string) => LogsAnswer | { refuse: string; message: string },
) {
  const calls: LogsCall[] = []
  const queries = new Map<string, LogsAnswer>()
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const reply = (status: number, content: object) =>
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(content))
    const { headers } = request
    const operation = String(headers['x-amz-target']).replace('Logs_20140328.', '')
    const isSigned =
      headers.authorization ===
      signAwsRequest(
        {
          method: request.method ?? '',
          url: new URL(`http://${headers.host}${request.url}`),
          headers: {
            'content-type': String(headers['content-type']),
            'x-amz-target': String(headers['x-amz-target']),
          },
          body,
        },
        { region: 'eu-west-1', service: 'logs', at: instantOf(String(headers['x-amz-date'])) },
        AWS_KEYS,
      ).authorization
    if (!isSigned)
      return reply(400, { __type: 'InvalidSignatureException', message: 'does not match' })
    const content = JSON.parse(body)
    calls.push({ operation, body: content })
    if (operation === 'StartQuery') {
      const becomes = answer(content.queryString)
      if ('refuse' in becomes)
        return reply(400, { __type: becomes.refuse, message: becomes.message })
      const queryId = `query-${queries.size + 1}`
      queries.set(queryId, { ...becomes })
      return reply(200, { queryId })
    }
    const query = queries.get(content.queryId)
    if (!query) return reply(400, { __type: 'ResourceNotFoundException', message: 'no such query' })
    if (operation === 'StopQuery') return reply(200, { success: true })
    const { running = 0, status = 'Complete', results = [], statistics } = query
    query.running = running - 1
    if (running > 0) return reply(200, { status: 'Running', results: [] })
    return reply(200, { status, results, ...(statistics && { statistics }) })
  })
  return { url: `${await listenOnLoopback(server)}/`, calls }
}

/** `20260313T120000Z` */
const instantOf = (written: string) =>
  Date.parse(written.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
