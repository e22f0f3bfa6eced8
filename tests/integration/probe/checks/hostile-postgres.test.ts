import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { PostgresCheck } from '../../../../src/protocol/kinds/postgres.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { drip } from '../../../support/http-target.ts'
import {
  around,
  authentication,
  complaint,
  message,
  row,
  WELCOME,
} from '../../../support/postgres-words.ts'
import { type Turn, talkTarget } from '../../../support/talk-target.ts'

const LOGIN = { user: 'ada', database: 'shop', query: 'SELECT 1', password: 'DB_PASSWORD' }
const PASSWORD = 'p4ssw0rd-of-ada'

async function ask(
  answers: Turn[],
  overrides: Partial<PostgresCheck> = {},
  expected: Record<string, unknown> = {},
) {
  const { port, heard } = await talkTarget({ answers })
  const check = aCheck('postgres', {
    port,
    timeoutMs: 2_000,
    login: LOGIN,
    expectations: resolveExpectations('must', { state: 'accepting', ...expected }),
    ...overrides,
  })
  const run = await runOnce(check, { secret: () => PASSWORD })
  return { run, heard }
}

/** As without a user. */
const KNOCK = { login: undefined } as unknown as Partial<PostgresCheck>
const ANSWER = around(message('1'), message('2'), row('1'), message('C', 'SELECT 1\0'))
const facts = (...columns: (string | null)[]) => around(message('T'), row(...columns))
const notice = message('N', `SNOTICE\0M${'x'.repeat(900)}\0\0`)

/** Writes as long as somebody takes it. */
const endlessly = (bytes: Buffer) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.on('drain', more)
  more()
}

describe('a server that is asked for TLS and answers with an error', () => {
  test.each<{ why: string; answer: Turn; type: string; words: string }>([
    {
      why: 'it is full',
      answer: complaint('53300', 'sorry, too many clients already'),
      ...{ type: 'postgres.too_many_connections' },
      words: 'has no connection left: "sorry, too many clients already" (53300)',
    },
    {
      why: 'it starts up',
      answer: complaint('57P03', 'the database system is starting up'),
      ...{ type: 'postgres.not_ready' },
      words: 'does not accept connections now: "the database system is starting up" (57P03)',
    },
    {
      why: 'it cannot start a process for us, which it says as protocol 2 did',
      answer: 'Ecould not fork new process for connection: Cannot allocate memory\n\0',
      ...{ type: 'postgres.not_ready' },
      words:
        'takes no connection: "could not fork new process for connection: Cannot allocate memory"',
    },
  ])('rejects, in its own words: $why', async ({ answer, type, words }) => {
    for (const login of [LOGIN, undefined]) {
      const overrides = { login, security: 'require' } as Partial<PostgresCheck>
      const { run } = await ask([answer], overrides)
      expect(run.verdict).toBe('failed')
      expect(run.error).toEqual({ type, message: expect.stringContaining(words) })
      expect(run.facts).toMatchObject({ state: 'rejecting' })
    }
  })

  test('that it rejects can be what is expected', async () => {
    const { run } = await ask(
      [complaint('53300', 'sorry')],
      { ...KNOCK, security: 'require' },
      { state: 'rejecting' },
    )
    expect(run.error).toBeUndefined()
  })
})

describe('a server that is asked without a login and', () => {
  test.each([
    ['starts up', '57P03', 'the database system is starting up', 'postgres.not_ready'],
    ['shuts down', '57P03', 'the database system is shutting down', 'postgres.not_ready'],
    ['is full', '53300', 'sorry, too many clients already', 'postgres.too_many_connections'],
  ])('%s rejects', async (_why, code, words, type) => {
    const { run } = await ask([complaint(code, words)], KNOCK)
    expect(run.error).toEqual({ type, message: expect.stringContaining(`"${words}" (${code})`) })
    expect(run.facts).toMatchObject({ state: 'rejecting' })
  })

  test.each([
    ['asks for a password', authentication(10, 'SCRAM-SHA-256\0\0')],
    ['does not know who that is', complaint('28000', 'no pg_hba.conf entry')],
  ])('%s accepts, and hears no more', async (_why, answer) => {
    const { run, heard } = await ask([answer], KNOCK)
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ state: 'accepting' })
    expect(heard).toHaveLength(1)
  })

  test('may be expected to reject, as one that waits to be promoted', async () => {
    const { run } = await ask([complaint('57P03', 'not yet')], KNOCK, { state: 'rejecting' })
    expect(run.verdict).toBe('passed')
  })
})

type Bad = { why: string; answers: Turn[]; type: string; words: RegExp; write?: true }
const bad: Bad[] = [
  {
    why: 'is another server',
    answers: ['HTTP/1.1 400 Bad Request\r\n\r\n'],
    type: 'postgres.malformed',
    words: /does not speak PostgreSQL's protocol during the login: .*it said "HTTP\/1.1 400/,
  },
  {
    why: 'says nothing but zeros',
    answers: [Buffer.alloc(100)],
    type: 'postgres.malformed',
    words: /no message begins with the byte 0/,
  },
  {
    why: 'announces a message of a gigabyte',
    answers: [Buffer.from('R\x40\0\0\0')],
    type: 'postgres.malformed',
    words: /claims to be 1073741824 bytes long, and the probe reads 49152/,
  },
  {
    why: 'notices without end',
    answers: [endlessly(notice)],
    type: 'postgres.malformed',
    words: /says too much during the login/,
  },
  {
    why: 'asks for a password without end',
    answers: Array.from({ length: 20 }, () => authentication(5, 'salt')),
    type: 'postgres.login',
    words: /more than 8 things in one login/,
  },
  {
    why: 'asks for the password in clear text',
    answers: [authentication(3), WELCOME],
    type: 'postgres.login',
    words: /without TLS, and does not get it/,
  },
  {
    why: 'wants Kerberos',
    answers: [authentication(7)],
    type: 'postgres.login',
    words: /does not know \(number 7\)/,
  },
  {
    why: 'accepts a SCRAM login that it has proven nothing for',
    answers: [authentication(10, 'SCRAM-SHA-256\0\0'), WELCOME],
    type: 'postgres.login',
    words: /without proof that it knows the password/,
  },
  {
    why: 'answers SCRAM with a nonce of its own',
    answers: [
      authentication(10, 'SCRAM-SHA-256\0\0'),
      authentication(11, 'r=other,s=c2FsdA==,i=4096'),
    ],
    type: 'postgres.login',
    words: /does not keep to SCRAM-SHA-256.*nonce/,
  },
  {
    why: 'wants the processor busy for minutes',
    answers: [
      authentication(10, 'SCRAM-SHA-256\0\0'),
      (socket) => void socket.write(authentication(11, 'r=x,s=c2FsdA==,i=2000000000')),
    ],
    type: 'postgres.login',
    words: /does not keep to SCRAM-SHA-256/,
  },
  {
    why: 'goes away in the login',
    answers: [(socket) => void socket.end(authentication(5, 'salt').subarray(0, 6))],
    type: 'connect.reset',
    words: /closed the connection during the login$/,
  },
  {
    why: 'goes away in the query',
    answers: [WELCOME, (socket) => void socket.end(row('secret-row').subarray(0, 14))],
    type: 'connect.reset',
    words: /closed the connection during the query$/,
  },
  {
    why: 'is shut down in the query',
    answers: [WELCOME, complaint('57P01', 'terminating connection')],
    type: 'postgres.not_ready',
    words: /is being shut down: "terminating connection" \(57P01\)$/,
  },
  {
    why: 'answers the query with something else',
    answers: [WELCOME, message('X', 'secret-row')],
    type: 'postgres.malformed',
    words: /during the query: a message of type X has no place there$/,
  },
  {
    why: 'answers the query with a broken row',
    answers: [WELCOME, around(message('D', 'secret-row'))],
    type: 'postgres.malformed',
    words: /during the query: a message ends before what it announces$/,
  },
  {
    why: 'answers the query without end',
    answers: [WELCOME, endlessly(row('secret-row'.repeat(100)))],
    type: 'postgres.query',
    words: /answers the query with too much: it says more than the probe reads.*select less/,
  },
  {
    why: 'has no disk space left',
    answers: [
      WELCOME,
      ANSWER,
      around(complaint('53100', 'could not extend file', 'ERROR')),
      facts('f', null, '1', '100'),
    ],
    write: true,
    type: 'postgres.disk_full',
    words: /has no disk space left: "could not extend file" \(53100\)/,
  },
]

describe('a server that', () => {
  test.each(bad)('$why', async ({ answers, type, words, write }) => {
    const login = { ...LOGIN, ...(write && { writeTable: 'probe_writes' }) }
    const { run, heard } = await ask(answers, { login })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type, message: expect.stringMatching(words) })
    expect(JSON.stringify(run)).not.toMatch(/secret-row|p4ssw0rd/)
    expect(heard.join('')).not.toContain(PASSWORD)
  })

  test.each([
    ['says nothing', []],
    ['says one byte after the other', [(socket: Socket) => drip(socket)]],
    ['never ends its login', [authentication(0)]],
    ['never answers the query', [WELCOME]],
    ['answers the query but for its end', [WELCOME, ANSWER.subarray(0, -1)]],
  ])('%s ends with the time', async (_why, answers: Turn[]) => {
    const { run } = await ask(answers, { timeoutMs: 200 })
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toMatch(/^(timeout|postgres.malformed)$/)
    expect(run.durationMs).toBeLessThan(1_000)
  })
})

describe('how a server is', () => {
  const withFacts = (answer: Turn, expected: Record<string, unknown> = {}) =>
    ask([WELCOME, ANSWER, answer], {}, expected)

  test('a replica is as far behind as it says', async () => {
    const { run } = await withFacts(facts('t', '12.34567', '80', '100'), {
      inRecovery: true,
      lagSeconds: { max: 10 },
      connectionsUsedPercent: { max: 80 },
    })
    expect(run.error).toEqual({
      type: 'assertion',
      message: expect.stringMatching(/lagSeconds: expected at most 10, got 12.3$/),
    })
    expect(run.facts).toMatchObject({ inRecovery: true, lagSeconds: 12.3, connectionsUsed: 80 })
  })

  test('a replica that replayed nothing yet has no lag, which is not none', async () => {
    const { run } = await withFacts(facts('t', null, '1', '100'), { lagSeconds: { max: 10 } })
    expect(run.error?.message).toMatch(/is a replica that has not replayed anything yet/)
  })

  test.each([
    ['does not know the functions', around(complaint('42883', 'no such function', 'ERROR'))],
    ['breaks off', (socket: Socket) => void socket.destroy()],
  ])('one that %s fails only where that was expected', async (_why, answer: Turn) => {
    const { run } = await withFacts(answer)
    expect(run.verdict).toBe('passed')
    expect(run.log.join()).toMatch(/no such function|closed the connection when it was asked/)
    const asked = await withFacts(answer, { lagSeconds: { max: 10 } })
    expect(asked.run.verdict).toBe('failed')
    expect(asked.run.error?.message).toMatch(/no such function|closed the connection/)
  })

  test('leaves in order', async () => {
    const { run, heard } = await withFacts(facts('f', null, '1', '100'))
    expect(run.error).toBeUndefined()
    expect(heard.at(-1)).toMatch(/^X/)
  })
})
