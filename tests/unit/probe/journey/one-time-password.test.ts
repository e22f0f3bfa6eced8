import { expect, test } from 'vitest'
import { oneTimePassword } from '../../../../src/probe/journey/host/one-time-password.ts'

/** The secret of RFC 6238, appendix B: the text 12345678901234567890. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

// The last six digits of the eight that the RFC's table has.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i s it is %s', (seconds, password) => {
  expect(oneTimePassword(SECRET, seconds * 1_000)).toBe(password)
})

test('spaces, case and padding count for nothing', () => {
  const written = 'gezd gnbv gy3t qojq gezd-gnbv-gy3t-qojq===='
  expect(oneTimePassword(written, 59_000)).toBe('287082')
})

test.each(['', '018', 'not base32!'])('%j is no secret, and is not repeated', (secret) => {
  expect(() => oneTimePassword(secret, 0)).toThrow(
    'totp: the secret is no base32 text (letters A to Z and digits 2 to 7)',
  )
})
