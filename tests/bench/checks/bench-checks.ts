import type { CheckOf } from '../../../src/protocol/check.ts'
import { resolveExpectations } from '../../../src/protocol/expectation.ts'
import { aCheck } from '../../support/builders.ts'

/** The checks that are compared: what blackbox_exporter's modules say as well. */

const expectations = resolveExpectations('must', {
  status: 200,
  body: { contains: 'Featured lamps' },
})

export const httpCheck = (url: string): CheckOf<'http'> =>
  aCheck('http', { url, expectations, httpVersion: '1.1' })

export const httpsCheck = (url: string, trustedRoots: string): CheckOf<'http'> =>
  aCheck('http', { ...httpCheck(url), trustedRoots, serverName: 'shop.test' })

export const dnsCheck = (server: string): CheckOf<'dns'> =>
  aCheck('dns', {
    server,
    questionName: 'shop.test',
    expectations: resolveExpectations('must', { rcode: 'NOERROR' }),
  })
