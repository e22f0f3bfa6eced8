import { expect, test } from 'vitest'
import { signAwsRequest } from '../../../src/coordinator/queries/sign-aws-request.ts'

/** The cases of AWS's own Signature Version 4 test suite, with its credentials and its time. */
const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const SCOPE = {
  region: 'us-east-1',
  service: 'service',
  at: Date.parse('2015-08-30T12:36:00Z'),
}
const url = new URL('https://example.amazonaws.com/')

test.each([
  {
    name: 'get-vanilla',
    request: { method: 'GET', url, headers: {}, body: '' },
    names: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'post-vanilla',
    request: { method: 'POST', url, headers: {}, body: '' },
    names: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-x-www-form-urlencoded',
    request: {
      method: 'POST',
      url,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
    },
    names: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
])('$name', ({ request, names, signature }) => {
  expect(signAwsRequest(request, SCOPE, CREDENTIALS)).toEqual({
    ...request.headers,
    'x-amz-date': '20150830T123600Z',
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  })
})

test('a session token is sent and signed', () => {
  const headers = signAwsRequest({ method: 'POST', url, headers: {}, body: '' }, SCOPE, {
    ...CREDENTIALS,
    sessionToken: 'a-token',
  })
  expect(headers['x-amz-security-token']).toBe('a-token')
  expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,')
})
