import { type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { createSecureContext } from 'node:tls'

/**
 * The least that this runtime can spend on a check: one request on a fresh connection, nothing planned,
 * measured, judged or kept. A process of its own, which does so many a second as it is told.
 */

export type BareOrder = { url: string; trustedRoots: string | undefined; perSecond: number }
export type BareReport = { kind: 'report'; requests: number }

/** Requests under way at most; more are a target that does not answer. */
const UNDER_WAY_MAX = 1_000

let ended = 0
let underWay = 0

process.on('message', (message: BareOrder | 'report') => {
  if (message === 'report') {
    process.send?.({ kind: 'report', requests: ended } satisfies BareReport)
    ended = 0
  } else begin(message)
})
process.on('disconnect', () => process.exit(0))
process.send?.({ kind: 'ready' })

function begin({ url, trustedRoots, perSecond }: BareOrder): void {
  const { hostname, port, protocol } = new URL(url)
  const options: RequestOptions = { hostname, port, agent: false }
  const secured = trustedRoots && {
    ...options,
    secureContext: createSecureContext({ ca: trustedRoots }),
    servername: 'shop.test',
  }
  const request =
    protocol === 'https:' ? () => requestHttps(secured || options) : () => requestHttp(options)
  const startedAt = performance.now()
  let begun = 0
  setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1_000
    for (; begun < due; begun++) one(request)
  }, 1_000 / perSecond)
}

function one(request: () => ReturnType<typeof requestHttp>): void {
  if (++underWay > UNDER_WAY_MAX) throw new Error('the target does not answer')
  request()
    .on('response', (response) => {
      let body = ''
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          body += chunk
        })
        .on('end', () => {
          if (!body.includes('Featured lamps')) throw new Error('the target answers something else')
          underWay--
          ended++
        })
    })
    .end()
}
