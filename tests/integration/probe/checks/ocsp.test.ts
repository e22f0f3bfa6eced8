import { beforeAll, describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { ocspResponse, tryLater } from '../../../support/ocsp-response.ts'
import {
  anAuthority,
  type Issued,
  issue,
  keyPair,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

const HOUR = 3_600_000

let authority: Issued
let stranger: Issued
let leaf: Issued
let responder: Issued

beforeAll(async () => {
  authority = await anAuthority('CN=Root')
  stranger = await anAuthority('CN=Stranger')
  leaf = await issue({ issuer: authority })
  responder = await issue({ name: 'CN=Responder', issuer: authority, isForResponses: true })
})

async function stapling(
  staple: Buffer | undefined,
  expected: Record<string, unknown>,
  maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
  one = leaf,
) {
  const target = await tlsTarget({ ...(await keyPair(one)), maxVersion }, staple)
  const check = aCheck('tls', {
    port: target.port,
    serverName: 'shop.test',
    trustedRoots: pemOf(authority),
    expectations: resolveExpectations('must', expected),
  })
  return runOnce(check)
}

const about = (options: Partial<Parameters<typeof ocspResponse>[0]> = {}) =>
  ocspResponse({ leaf, issuer: authority, ...options })

describe('a stapled response that is good', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('with %s', async (version) => {
    const run = await stapling(about(), { ocsp: 'good', trusted: true }, version)
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ ocsp: 'good', ocspUntil: expect.stringMatching(/^20\d\d-/) })
  })

  test('and has no end', async () => {
    expect((await stapling(about({ untilMs: undefined }), { ocsp: 'good' })).error).toBeUndefined()
  })

  test('about a number whose first bit is set', async () => {
    const numbered = await issue({ issuer: authority, serialNumber: 'ff00000000000001' })
    const staple = about({ leaf: numbered })
    const run = await stapling(
      staple,
      { ocsp: 'good', serialNumber: 'FF00000000000001' },
      'TLSv1.3',
      numbered,
    )
    expect(run.error).toBeUndefined()
  })

  test('signed by a responder whom the authority made one', async () => {
    const staple = about({ signer: responder, certificates: [responder] })
    expect((await stapling(staple, { ocsp: 'good' })).error).toBeUndefined()
  })
})

test('a revoked certificate is not trusted, whether the check says a word about OCSP or not', async () => {
  const staple = about({ status: 'revoked' })
  for (const expected of [{ ocsp: 'good' }, { trusted: true }]) {
    const run = await stapling(staple, expected)
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({
      type: 'tls.revoked',
      message: expect.stringMatching(/^the certificate was revoked on 20\d\d-/),
    })
    expect(run.facts).toMatchObject({ ocsp: 'revoked', trusted: false, certificateDaysLeft: 100 })
  }
  expect((await stapling(staple, { ocsp: 'revoked' })).verdict).toBe('passed')
})

type Bad = { why: string; staple: () => Promise<Buffer> | Buffer; status: string; words: RegExp }

const bad: Bad[] = [
  {
    why: 'is too old',
    staple: () => about({ fromMs: -48 * HOUR, untilMs: -HOUR }),
    status: 'expired',
    words: /was good until 20.+ only$/,
  },
  {
    why: 'does not know the certificate',
    staple: () => about({ status: 'unknown' }),
    status: 'unknown',
    words: /the authority does not know the certificate$/,
  },
  {
    why: 'is from the future',
    staple: () => about({ fromMs: HOUR }),
    status: 'invalid',
    words: /is from the future/,
  },
  {
    why: 'is about another certificate',
    staple: async () => about({ leaf: await issue({ issuer: authority }) }),
    status: 'invalid',
    words: /is about another certificate$/,
  },
  {
    why: 'is signed by a stranger',
    staple: () => about({ signer: stranger }),
    status: 'invalid',
    words: /is not signed by the authority$/,
  },
  {
    why: 'is signed by a stranger who shows himself',
    staple: () => about({ signer: stranger, certificates: [stranger] }),
    status: 'invalid',
    words: /signed by somebody whom the authority does not know$/,
  },
  {
    why: 'is signed by a certificate of the authority that is for servers',
    staple: () => about({ signer: leaf, certificates: [leaf] }),
    status: 'invalid',
    words: /signed by a certificate that may not sign such$/,
  },
  {
    why: 'is signed by a responder that has expired',
    staple: async () => {
      const old = await issue({ issuer: authority, isForResponses: true, untilMs: -HOUR })
      return about({ signer: old, certificates: [old] })
    },
    status: 'invalid',
    words: /signed by a certificate that is not valid now$/,
  },
  {
    why: 'was changed on its way',
    staple: () => {
      const staple = about()
      staple.writeUInt8((staple.at(-1) ?? 0) ^ 1, staple.length - 1)
      return staple
    },
    status: 'invalid',
    words: /is not signed by the authority$/,
  },
  {
    why: 'says to try later',
    staple: tryLater,
    status: 'invalid',
    words: /nothing but "tryLater"$/,
  },
  {
    why: 'is garbage',
    staple: () => Buffer.from('garbage'),
    status: 'invalid',
    words: /cannot be read$/,
  },
  {
    why: 'is cut off',
    staple: () => about().subarray(0, 80),
    status: 'invalid',
    words: /cannot be read$/,
  },
]

describe('a stapled response that', () => {
  test.each(bad)('$why', async ({ staple, status, words }) => {
    const run = await stapling(await staple(), { ocsp: 'good' })
    expect(run.error).toEqual({ type: 'assertion', message: expect.stringMatching(words) })
    expect(run.error?.message).toMatch(new RegExp(`^ocsp: expected good, got ${status}: `))
    expect(run.facts).toMatchObject({ ocsp: status, trusted: true })
  })
})

test('cannot be checked when nobody knows the authority', async () => {
  const unknown = await issue({ issuer: stranger })
  const staple = ocspResponse({ leaf: unknown, issuer: stranger })
  const target = await tlsTarget(await keyPair(unknown), staple)
  const run = await runOnce(
    aCheck('tls', {
      port: target.port,
      expectations: resolveExpectations('must', { ocsp: 'good' }),
    }),
  )
  expect(run.error?.message).toMatch(/the certificate of the authority is missing$/)
})
