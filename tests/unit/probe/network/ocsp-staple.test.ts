import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { readStaple, type StapleSubject } from '../../../../src/probe/network/ocsp-staple.ts'
import { certificateOf, ocspResponse } from '../../../support/ocsp-response.ts'
import { anAuthority, issue } from '../../../support/tls-target.ts'

let good: Buffer
let subject: StapleSubject

beforeAll(async () => {
  const issuer = await anAuthority()
  const leaf = await issue({ issuer })
  good = ocspResponse({ leaf, issuer })
  subject = { leaf: certificateOf(leaf), issuer: certificateOf(issuer), now: Date.now() }
})

describe('a stapled response', () => {
  test('as it was signed is good', () => {
    expect(readStaple(good, subject).status).toBe('good')
    expect(readStaple(undefined, subject).status).toBe('none')
  })

  test('with any byte changed is never revoked, expired or unknown, and never breaks the probe', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = Buffer.from(good)
        const index = at % changed.length
        changed.writeUInt8((changed[index] ?? 0) ^ bits, index)
        // Some bytes outside of what is signed mean nothing.
        expect(['good', 'invalid']).toContain(readStaple(changed, subject).status)
      }),
      { numRuns: 500 },
    )
  })

  test('of any other bytes is invalid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (noise) => {
        expect(readStaple(Buffer.from(noise), subject).status).toBe('invalid')
      }),
    )
  })

  test('cut off anywhere is invalid', () => {
    for (let length = 1; length < good.length; length++)
      expect(readStaple(good.subarray(0, length), subject).status).toBe('invalid')
  })
})
