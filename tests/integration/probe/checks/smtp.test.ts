import type { Socket } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { SmtpCheck } from '../../../../src/protocol/kinds/smtp.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { drip, freePort } from '../../../support/http-target.ts'
import { type TalkTarget, type Turn, talkTarget } from '../../../support/talk-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyPair,
  keyPair,
  MS_PER_DAY,
  pemOf,
} from '../../../support/tls-target.ts'
import { until } from '../../../support/until.ts'

let authority: Issued
let tls: KeyPair

beforeAll(async () => {
  authority = await anAuthority()
  tls = await keyPair(await issue({ issuer: authority }))
})

function talk(
  { port }: { port: number },
  expected: Record<string, unknown> = {},
  overrides: Partial<SmtpCheck> = {},
  parts: Parameters<typeof runOnce>[1] = {},
) {
  const check = aCheck('smtp', {
    port,
    serverName: 'shop.test',
    trustedRoots: pemOf(authority),
    expectations: resolveExpectations('must', { code: 220, ...expected }),
    ...overrides,
  })
  return runOnce(check, parts)
}

const GREETING = '220-mail.test ESMTP\r\n220 at your service\r\n'
const CAPABILITIES = '250-mail.test greets you\r\n250-SIZE 1000\r\n250 STARTTLS\r\n'

const plain = () => talkTarget({ greeting: GREETING, answers: [CAPABILITIES, '221 bye\r\n'] })
const turning = (pair = tls) =>
  talkTarget({
    greeting: GREETING,
    answers: [CAPABILITIES, { say: '220 go ahead\r\n', thenTls: true }],
    secretAnswers: ['250-mail.test\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n', '221 bye\r\n'],
    tls: pair,
  })
const secured = (pair = tls) =>
  talkTarget({
    isSecure: true,
    greeting: GREETING,
    secretAnswers: [CAPABILITIES, '221\r\n'],
    tls: pair,
  })

const names = ({ phases }: { phases: { name: string }[] }) => phases.map(({ name }) => name)
const saidQuit = (heard: string[]) =>
  until('the probe says good-bye', () => heard.at(-1) === 'QUIT', { withinMs: 5_000 })

describe('a mail server that answers', () => {
  test('in the clear: greeting, EHLO and QUIT, and nothing else', async () => {
    const target = await plain()
    const run = await talk(target, {
      banner: { contains: 'at your service' },
      capabilities: { exact: ['SIZE 1000', 'STARTTLS'] },
    })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(names(run)).toEqual(['dns', 'connect', 'greeting', 'exchange'])
    expect(run.facts).toMatchObject({
      code: 220,
      banner: 'mail.test ESMTP\nat your service',
      capabilities: ['SIZE 1000', 'STARTTLS'],
      address: `127.0.0.1:${target.port}`,
    })
    await saidQuit(target.heard)
    expect(target.heard).toEqual([expect.stringMatching(/^EHLO [A-Za-z0-9.-]+$/), 'QUIT'])
  })

  test('and turns to TLS', async () => {
    const target = await turning()
    const expected = {
      trusted: true,
      hostNameMatches: true,
      daysLeft: { min: 100 },
      protocol: { min: 'TLSv1.2' },
    }
    const run = await talk(
      target,
      { ...expected, capabilities: 'AUTH PLAIN' },
      { security: 'starttls' },
    )
    expect(run.error).toBeUndefined()
    expect(names(run)).toEqual(['dns', 'connect', 'greeting', 'exchange', 'tls'])
    // What it lists in the clear and what it lists after it.
    expect(run.facts).toMatchObject({ capabilities: ['SIZE 1000', 'STARTTLS', 'AUTH PLAIN'] })
    await saidQuit(target.heardSecretly)
    expect(target.heardSecretly).toEqual([expect.stringMatching(/^EHLO /), 'QUIT'])
  })

  test('by TLS from the first byte', async () => {
    const target = await secured()
    const run = await talk(target, { trusted: true, hostNameMatches: true }, { security: 'tls' })
    expect(run.error).toBeUndefined()
    expect(names(run)).toEqual(['dns', 'connect', 'tls', 'greeting', 'exchange'])
    await saidQuit(target.heardSecretly)
  })

  test('hears the name that the check gives', async () => {
    const target = await plain()
    await talk(target, {}, { helloName: 'probe.shop.test' })
    expect(target.heard[0]).toBe('EHLO probe.shop.test')
  })

  test('shows a client certificate where the server wants one', async () => {
    const client = await keyPair(await issue({ issuer: authority, isForClients: true }))
    const clientCertificate = { certificate: client.cert, key: 'MAIL_KEY' }
    const options = { security: 'tls', clientCertificate } as const
    const run = await talk(await secured(), {}, options, { secret: () => client.key })
    expect(run.error).toBeUndefined()
    expect((await talk(await secured(), {}, options)).error?.type).toBe('probe.secret_missing')
  })
})

describe('what can be expected', () => {
  type Row = [subject: string, bad: unknown, type: string, got: RegExp]
  const rows: Row[] = [
    ['code', 250, 'smtp.refused', /greets with "220 mail.test ESMTP at your service"$/],
    [
      'banner',
      { contains: 'Exim' },
      'assertion',
      /banner: expected containing "Exim", got mail\.test/,
    ],
    ['capabilities', 'SMTPUTF8', 'assertion', /expected SMTPUTF8, got SIZE 1000, STARTTLS/],
    ['daysLeft', { min: 101 }, 'assertion', /at least 101, got 100$/],
    ['trusted', false, 'assertion', /expected false, got true$/],
    ['hostNameMatches', false, 'assertion', /expected false, got true$/],
    ['protocol', 'TLSv1.2', 'assertion', /expected TLSv1.2, got TLSv1.3$/],
    ['dns', { min: '5s' }, 'assertion', /dns: expected at least/],
    ['connect', { min: '5s' }, 'assertion', /connect: expected at least/],
    ['tls', { min: '5s' }, 'assertion', /tls: expected at least/],
    ['greeting', { min: '5s' }, 'assertion', /greeting: expected at least/],
    ['exchange', { min: '5s' }, 'assertion', /exchange: expected at least/],
    ['total', { min: '5s' }, 'assertion', /total: expected at least/],
  ]
  test.each(rows)('%s', async (subject, bad, type, got) => {
    const run = await talk(await turning(), { [subject]: bad }, { security: 'starttls' })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type, message: expect.stringMatching(got) })
  })

  test.each(['starttls', 'tls'] as const)(
    'of a bad certificate, with %s: all of it is told',
    async (security) => {
      const pair = await keyPair(
        await issue({ issuer: authority, untilMs: -2 * MS_PER_DAY - 1, hosts: ['other.test'] }),
      )
      const target = security === 'tls' ? await secured(pair) : await turning(pair)
      const run = await talk(target, { trusted: true, hostNameMatches: true }, { security })
      expect(run.error).toEqual({
        type: 'tls.expired',
        message: expect.stringMatching(/certificate expired 2 d ago/),
      })
      expect(run.facts).toMatchObject({
        code: 220,
        certificateDaysLeft: -3,
        hostNameMatches: false,
      })
      expect((await talk(target, { hostNameMatches: true }, { security })).error?.type).toBe(
        'tls.host_name',
      )
    },
  )
})

type Bad = {
  why: string
  greeting?: Turn
  answers?: Turn[]
  security?: 'starttls'
  type: string
  message: RegExp
}

const bad: Bad[] = [
  {
    why: 'takes no guests',
    greeting: '554 no service for you\r\n',
    type: 'smtp.refused',
    message: /greets with "554 no service for you"$/,
  },
  {
    why: 'is busy',
    greeting: '421-too\r\n421 many\r\n',
    type: 'smtp.refused',
    message: /greets with "421 too many"$/,
  },
  {
    why: 'does not like EHLO',
    greeting: GREETING,
    answers: ['550 5.7.1 who are you\r\n'],
    type: 'smtp.refused',
    message: /answers EHLO [^ ]+ with "550 5.7.1 who are you"$/,
  },
  {
    why: 'has no TLS now',
    greeting: GREETING,
    answers: [CAPABILITIES, '454 not now\r\n'],
    security: 'starttls',
    type: 'smtp.refused',
    message: /answers STARTTLS with "454 not now"$/,
  },
  {
    why: 'has commands put behind its consent',
    greeting: GREETING,
    answers: [CAPABILITIES, '220 go ahead\r\n250 injected\r\n'],
    security: 'starttls',
    type: 'smtp.malformed',
    message: /said more in the clear after it agreed to TLS$/,
  },
  {
    why: 'is none',
    greeting: 'SSH-2.0-x\r\n',
    type: 'smtp.malformed',
    message: /does not speak SMTP: "SSH-2.0-x" is no reply$/,
  },
  {
    why: 'changes its code half-way',
    greeting: '220-a\r\n250 b\r\n',
    type: 'smtp.malformed',
    message: /"250 b" is no reply$/,
  },
  {
    why: 'answers something else',
    greeting: GREETING,
    answers: ['354 go on\r\n'],
    type: 'smtp.malformed',
    message: /answers EHLO [^ ]+ with "354 go on"$/,
  },
  {
    why: 'greets without end',
    greeting: (socket: Socket) => void socket.write('220-again\r\n'.repeat(20_000)),
    type: 'smtp.malformed',
    message: /says more than 65536 bytes, beginning with "220-again"$/,
  },
  {
    why: 'says a line of a megabyte',
    greeting: `220 ${'x'.repeat(1024 * 1024)}`,
    type: 'smtp.malformed',
    message: /says more than 65536 bytes/,
  },
  {
    why: 'closes half-way',
    greeting: (socket: Socket) => void socket.end('220-mail'),
    type: 'connect.reset',
    message: /closed the connection after "220-mail"$/,
  },
  {
    why: 'closes at once',
    greeting: (socket: Socket) => void socket.destroy(),
    type: 'connect.reset',
    message: /closed the connection$/,
  },
]

describe('a mail server that', () => {
  test.each(bad)('$why', async ({ why: _, security, type, message, ...turns }) => {
    const run = await talk(await talkTarget(turns), {}, { security: security ?? 'none' })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type, message: expect.stringMatching(message) })
  })

  test.each([
    ['says nothing', undefined, /^no complete greeting from .+ \(it said nothing\) within 300 ms$/],
    [
      'says one byte after the other',
      (socket: Socket) => drip(socket),
      /\(it said "x+"\) within 300 ms$/,
    ],
  ])('%s ends with the time', async (_why, greeting, message) => {
    const target = await talkTarget(greeting ? { greeting } : {})
    const run = await talk(target, {}, { timeoutMs: 300 })
    expect(run.error).toEqual({ type: 'timeout', message: expect.stringMatching(message) })
    expect(phaseMs(run, 'greeting')).toBeGreaterThan(200)
    expect(run.durationMs).toBeLessThan(1_000)
  })

  test('does not answer EHLO', async () => {
    const run = await talk(await talkTarget({ greeting: GREETING }), {}, { timeoutMs: 300 })
    expect(run.error).toEqual({
      type: 'timeout',
      message: expect.stringMatching(
        /^no complete answer to EHLO .+ \(the last that it said was "220 at your service"\) within 300 ms$/,
      ),
    })
    expect(run.facts).toMatchObject({ code: 220 })
  })

  test('is not there', async () => {
    const run = await talk({ port: await freePort() })
    expect(run.error?.type).toBe('connect.refused')
  })

  test.each(['ipv4', 'every'] as const)('is looked at by its addresses: %s', async (addresses) => {
    const target: TalkTarget = await plain()
    const run = await talk(target, {}, { host: '127.0.0.1', addresses })
    expect(run.error).toBeUndefined()
  })
})
