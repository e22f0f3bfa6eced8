import { expect, test } from 'vitest'
import { isForeign, isLoopbackHost } from '../../../../src/domain/access/judge-origin.ts'

const HOST = 'firewatch.example.com'
const row = (site?: string, origin?: string, host: string | undefined = HOST) => ({
  site,
  origin,
  host,
})

test.each([
  { why: 'a program that is no browser', told: row(), is: false },
  { why: 'our own page', told: row('same-origin', `https://${HOST}`), is: false },
  { why: 'an older browser on our own page', told: row(undefined, `https://${HOST}`), is: false },
  { why: 'our own page behind a proxy', told: row(undefined, 'https://public.example'), is: false },
  { why: 'another site', told: row('cross-site', `https://${HOST}`), is: true },
  { why: 'a neighbour', told: row('same-site', undefined), is: true },
  { why: 'another origin', told: row(undefined, 'https://evil.example'), is: true },
  { why: 'a sandboxed page', told: row(undefined, 'null'), is: true },
  { why: 'a host within a name', told: row(undefined, `https://${HOST}.evil.example`), is: true },
  {
    why: 'a request without a host',
    told: { ...row(undefined, `https://${HOST}`), host: undefined },
    is: true,
  },
])('$why: foreign is $is', ({ told, is }) => {
  expect(isForeign(told, 'https://public.example')).toBe(is)
})

test.each([
  ['127.0.0.1:8080', true],
  ['localhost', true],
  ['LOCALHOST:1', true],
  ['[::1]:8080', true],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:8080', false],
  ['0.0.0.0:8080', false],
  [undefined, false],
])('%s is this machine: %s', (host, is) => {
  expect(isLoopbackHost(host)).toBe(is)
})
