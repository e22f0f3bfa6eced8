import type { Socket } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { StartTls } from '../../../../src/protocol/kinds/tls.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { drip } from '../../../support/http-target.ts'
import { complaint } from '../../../support/postgres-words.ts'
import { type TalkTarget, type Turn, talkTarget } from '../../../support/talk-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyPair,
  keyPair,
  pemOf,
} from '../../../support/tls-target.ts'

let authority: Issued
let tls: KeyPair

beforeAll(async () => {
  authority = await anAuthority()
  tls = await keyPair(await issue({ issuer: authority }))
})

const look = ({ port }: TalkTarget, startTls: StartTls, timeoutMs = 5_000) =>
  runOnce(
    aCheck('tls', {
      port,
      startTls,
      timeoutMs,
      serverName: 'shop.test',
      trustedRoots: pemOf(authority),
      expectations: resolveExpectations('must', { trusted: true, hostNameMatches: true }),
    }),
  )

const agree = (say: string | Buffer): Turn => ({ say, thenTls: true })

/** A response of LDAP to message 1, as RFC 4511 encodes it. */
const ldapResponse = (code: number, words = '') => {
  const diagnostic = Buffer.from(words)
  const operation = [0x0a, 1, code, 0x04, 0, 0x04, diagnostic.length, ...diagnostic]
  const message = [0x02, 1, 1, 0x78, operation.length, ...operation]
  return Buffer.from([0x30, message.length, ...message])
}

const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex').toString('latin1')

type Talk = { greeting?: string; answers: Turn[]; heard: (string | RegExp)[] }

const talks: { readonly [P in StartTls]: Talk } = {
  smtp: {
    greeting: '220-mail.test\r\n220 ready\r\n',
    answers: ['250-mail.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n', agree('220 go ahead\r\n')],
    heard: [/^EHLO [A-Za-z0-9.-]+$/, 'STARTTLS'],
  },
  imap: {
    greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n',
    answers: [agree('* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n')],
    heard: ['a1 STARTTLS'],
  },
  pop3: { greeting: '+OK ready\r\n', answers: [agree('+OK begin\r\n')], heard: ['STLS'] },
  ftp: {
    greeting: '220-Welcome\r\n to this server\r\n220 ready\r\n',
    answers: [agree('234 begin\r\n')],
    heard: ['AUTH TLS'],
  },
  postgres: { answers: [agree('S')], heard: [SSL_REQUEST] },
  ldap: { answers: [agree(ldapResponse(0))], heard: [/1\.3\.6\.1\.4\.1\.1466\.20037$/] },
}

const protocols = Object.keys(talks) as StartTls[]

describe('a server that turns to TLS', () => {
  test.each(protocols)('%s', async (protocol) => {
    const { heard, ...talk } = talks[protocol]
    const target = await talkTarget({ ...talk, tls })
    const run = await look(target, protocol)
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.facts).toMatchObject({ certificateDaysLeft: 100, protocol: 'TLSv1.3' })
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'exchange', 'tls'])
    expect(target.heard.slice(0, heard.length)).toEqual(
      heard.map((said) => (typeof said === 'string' ? said : expect.stringMatching(said))),
    )
  })

  test.each(protocols)('%s, byte by byte', async (protocol) => {
    const { greeting, answers } = talks[protocol]
    const target = await talkTarget({
      tls,
      ...(greeting !== undefined && { greeting: inPieces(greeting) }),
      answers,
    })
    expect((await look(target, protocol)).error).toBeUndefined()
  })

  test('offers no HTTP to a mail server, and asks a second time where it must', async () => {
    const target = await talkTarget({
      ...talks.smtp,
      tls: { ...tls, maxVersion: 'TLSv1.2', ALPNProtocols: ['smtp'] },
    })
    const run = await look(target, 'smtp')
    expect(run.error).toBeUndefined()
    expect(run.facts).not.toHaveProperty('alpn')
    expect(target.heard.filter((said) => said === 'STARTTLS')).toHaveLength(2)
  })
})

type Refusal = {
  protocol: StartTls
  why: string
  greeting?: Turn
  answers?: Turn[]
  message: RegExp
}

const refusals: Refusal[] = [
  {
    protocol: 'smtp',
    why: 'takes no guests',
    greeting: '554-no\r\n554 service for you\r\n',
    message: /does not turn to TLS: it said "554 no service for you"$/,
  },
  {
    protocol: 'smtp',
    why: 'does not know STARTTLS',
    greeting: '220 ready\r\n',
    answers: ['250 mail.test\r\n', '502 5.5.1 not implemented\r\n'],
    message: /it said "502 5.5.1 not implemented"$/,
  },
  {
    protocol: 'smtp',
    why: 'is none',
    greeting: 'SSH-2.0-OpenSSH_9.2\r\n',
    message: /"SSH-2.0-OpenSSH_9.2" is no reply$/,
  },
  {
    protocol: 'smtp',
    why: 'has commands put behind its consent',
    greeting: '220 ready\r\n',
    answers: ['250 mail.test\r\n', '220 go ahead\r\n250 injected\r\n'],
    message: /after its consent it said "250 injected" in the clear$/,
  },
  {
    protocol: 'imap',
    why: 'says BYE',
    greeting: '* BYE too many\r\n',
    message: /it said "\* BYE too many"$/,
  },
  {
    protocol: 'imap',
    why: 'says NO',
    greeting: '* OK ready\r\n',
    answers: ['* x\r\na1 NO not here\r\n'],
    message: /it said "a1 NO not here"$/,
  },
  {
    protocol: 'pop3',
    why: 'says -ERR',
    greeting: '+OK ready\r\n',
    answers: ['-ERR no TLS\r\n'],
    message: /it said "-ERR no TLS"$/,
  },
  {
    protocol: 'ftp',
    why: 'does not know AUTH',
    greeting: '220 ready\r\n',
    answers: ['530 please log in\r\n'],
    message: /it said "530 please log in"$/,
  },
  { protocol: 'ftp', why: 'is none', greeting: 'hello\r\n', message: /"hello" is no reply$/ },
  {
    protocol: 'postgres',
    why: 'has it off',
    answers: ['N'],
    message: /switched off \(it answered N\)$/,
  },
  {
    protocol: 'postgres',
    why: 'is none',
    answers: ['HTTP'],
    message: /"H", which is not of PostgreSQL$/,
  },
  {
    protocol: 'postgres',
    why: 'does not know the request',
    answers: [complaint('0A000', 'unsupported frontend protocol 1234.5679')],
    message: /it said "unsupported frontend protocol 1234.5679" \(0A000\)$/,
  },
  {
    protocol: 'postgres',
    why: 'errs with a length that nobody can have',
    answers: [Buffer.from([0x45, 0, 0, 0, 1])],
    message: /an error that is not of PostgreSQL: a message claims to be 1 bytes long$/,
  },
  {
    protocol: 'postgres',
    why: 'errs without a message',
    answers: [Buffer.from([0x45, 0, 0, 0, 5, 0])],
    message: /an error that is not of PostgreSQL: an error comes without its message$/,
  },
  {
    protocol: 'ldap',
    why: 'refuses',
    answers: [ldapResponse(52, 'no TLS here')],
    message: /it answered with code 52: "no TLS here"$/,
  },
  {
    protocol: 'ldap',
    why: 'is none',
    answers: ['HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(200)],
    message: /what it answered is not of LDAP/,
  },
  {
    protocol: 'ldap',
    why: 'sends a length that nobody can have',
    answers: [Buffer.from([0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1])],
    message: /what it answered is not of LDAP/,
  },
  {
    protocol: 'smtp',
    why: 'greets without end',
    greeting: (socket) => void socket.write('220-again\r\n'.repeat(20_000)),
    message: /says more than 65536 bytes/,
  },
  {
    protocol: 'imap',
    why: 'says a line of a megabyte',
    greeting: `* OK ${'x'.repeat(1024 * 1024)}`,
    message: /says more than 65536 bytes, beginning with "\* OK xxx/,
  },
]

describe('a server that', () => {
  test.each(refusals)(
    '$protocol: $why, is told with what it said',
    async ({ protocol, message, ...talk }) => {
      const run = await look(await talkTarget({ ...talk, tls }), protocol)
      expect(run.verdict).toBe('failed')
      expect(run.error).toEqual({
        type: 'tls.start_refused',
        message: expect.stringMatching(message),
      })
      expect(run.error?.message).toMatch(/^127\.0\.0\.1:\d+ /)
    },
  )

  test.each(protocols)('%s: says nothing, ends with the time', async (protocol) => {
    const run = await look(await talkTarget({}), protocol, 300)
    expect(run.error).toEqual({
      type: 'timeout',
      message: expect.stringMatching(
        new RegExp(`did not turn from ${protocol} to TLS \\(it said nothing\\) within 300 ms$`),
      ),
    })
    expect(phaseMs(run, 'exchange')).toBeGreaterThan(200)
  })

  test('says one byte after the other, for ever', async () => {
    const run = await look(await talkTarget({ greeting: (socket) => drip(socket) }), 'smtp', 300)
    expect(run.error?.message).toMatch(/\(it said "x+"\) within 300 ms$/)
  })

  test('closes half-way', async () => {
    const run = await look(
      await talkTarget({ greeting: (socket) => socket.end('220-mail') }),
      'smtp',
    )
    expect(run.error).toEqual({
      type: 'connect.reset',
      message: expect.stringMatching(/closed the connection after "220-mail"$/),
    })
  })

  test('agrees and then speaks no TLS', async () => {
    const answers = ['250 mail.test\r\n', '220 go\r\n', 'nonsense']
    const run = await look(await talkTarget({ greeting: '220 ready\r\n', answers }), 'smtp')
    expect(run.error?.type).toBe('tls.handshake')
    expect(run.error?.message).toMatch(/does not speak TLS/)
  })
})

/** Each byte in a packet of its own. */
function inPieces(text: string): (socket: Socket) => void {
  return (socket) => {
    socket.setNoDelay(true)
    const bytes = [...text]
    const next = () => {
      const byte = bytes.shift()
      if (byte !== undefined) socket.write(byte, () => void setImmediate(next))
    }
    next()
  }
}
