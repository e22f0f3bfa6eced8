import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { readCertificateParts } from '../../../../src/probe/network/certificate-parts.ts'
import { trustedIssuers } from '../../../../src/probe/network/trusted-issuers.ts'

describe('parts of a certificate', () => {
  // Real ones of the world, in all the forms that authorities have made in thirty years.
  const roots = getCACertificates('bundled')
    .slice(0, 40)
    .map((pem) => new X509Certificate(pem))

  test('are those that OpenSSL reads', () => {
    for (const root of roots) {
      const parts = readCertificateParts(root.raw)
      const number = (hex: string) => BigInt(`0x${hex}`)
      expect(number(parts.serialNumber.toString('hex'))).toBe(number(root.serialNumber))
      expect(parts.subject.equals(parts.issuer)).toBe(root.subject === root.issuer)
      const keyInfo = root.publicKey.export({ type: 'spki', format: 'der' })
      expect(keyInfo.subarray(-parts.publicKey.length).equals(parts.publicKey)).toBe(true)
    }
  })

  test.each(['', '30', '3000', '30023000'])('"%s" is no certificate', (hex) => {
    expect(() => readCertificateParts(Buffer.from(hex, 'hex'))).toThrow()
  })
})

describe('trusted authorities', () => {
  test('are found by their name: the own first, and the rest of a file that is none is passed over', () => {
    const [pem = ''] = getCACertificates('bundled')
    const root = new X509Certificate(pem)
    const garbage = '-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n'
    const { subject } = readCertificateParts(root.raw)
    const found = trustedIssuers(`${garbage}${pem}`).named(subject)
    expect(found[0]?.fingerprint256).toBe(root.fingerprint256)
    expect(trustedIssuers(garbage).named(Buffer.from('nobody'))).toEqual([])
  })
})
