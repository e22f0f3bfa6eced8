import { expect, test } from 'vitest'
import { isFromTwilio, signTwilio } from '../../../src/coordinator/twilio-signature.ts'

const URL = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const FIELDS = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
}

test.each([
  {
    why: 'the example of the documentation',
    fields: Object.entries(FIELDS),
    signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  },
  {
    why: 'in whichever order the fields came',
    fields: Object.entries(FIELDS).toReversed(),
    signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  },
  {
    why: 'the vector of its libraries with a field that came three times',
    fields: [
      ['Sid', 'CA123'],
      ['SidAccount', 'AC123'],
      ['Digits', '5678'],
      ['Digits', '1234'],
      ['Digits', '1234'],
    ],
    signature: 'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
  },
])('a signature is $why', ({ fields, signature }) => {
  expect(signTwilio('12345', URL, new URLSearchParams(fields as [string, string][]))).toBe(
    signature,
  )
})

test.each([
  { why: 'it is as it was signed', change: {}, isIts: true },
  { why: 'a field was changed', change: { fields: { ...FIELDS, Digits: '4' } }, isIts: false },
  { why: 'it came to another address', change: { url: `${URL}&baz=3` }, isIts: false },
  { why: 'it has no signature', change: { signature: undefined }, isIts: false },
  { why: 'the signature is cut', change: { signature: 'RSOYDt4T1cUTdK1PDd93' }, isIts: false },
  { why: 'it is signed with another token', change: { token: '12346' }, isIts: false },
])('$why: $isIts', ({ change, isIts }) => {
  const { url, fields, signature, token } = {
    ...{ url: URL, fields: FIELDS, token: '12345', signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
    ...(change as { signature?: string | undefined }),
  }
  expect(isFromTwilio({ url, fields: new URLSearchParams(fields), signature }, token)).toBe(isIts)
})
