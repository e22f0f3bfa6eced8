import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { PostgresCheck, PostgresLogin } from '../../../../src/protocol/kinds/postgres.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { freePort } from '../../../support/http-target.ts'
import { postgresReplica } from '../../../support/postgres-replica.ts'
import { type PostgresTarget, postgresTarget } from '../../../support/postgres-target.ts'
import { anAuthority, pemOf } from '../../../support/tls-target.ts'
import { until } from '../../../support/until.ts'

let server: PostgresTarget

beforeAll(async () => {
  server = await postgresTarget()
  const user = server.role('trust')
  await server.client.query(`CREATE TABLE ${user}_writes (at timestamptz DEFAULT now())`)
  await server.client.query(`GRANT INSERT, DELETE ON ${user}_writes TO ${user}`)
})

afterAll(() => server.client.end())

type Overrides = Partial<Omit<PostgresCheck, 'login'>> & { login?: Partial<PostgresLogin> }

/** Logs in by trust unless the test says otherwise. */
function ask(
  expected: Record<string, unknown> = {},
  { login, ...overrides }: Overrides = {},
  password: string | undefined = server.password,
) {
  const check = aCheck('postgres', {
    port: server.port,
    serverName: 'shop.test',
    trustedRoots: pemOf(server.authority),
    expectations: resolveExpectations('must', { state: 'accepting', ...expected }),
    login: { user: server.role('trust'), database: 'postgres', query: 'SELECT 1', ...login },
    ...overrides,
  })
  return runOnce(check, { secret: (name) => (name === 'DB_PASSWORD' ? password : undefined) })
}

const names = ({ phases }: { phases: { name: string }[] }) => phases.map(({ name }) => name)
const writes = () => `${server.role('trust')}_writes`

describe('whether it accepts connections', () => {
  test('is known without a login', async () => {
    const check = aCheck('postgres', {
      port: server.port,
      expectations: resolveExpectations('must', { state: 'accepting' }),
    })
    const run = await runOnce(check)
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.facts).toMatchObject({ state: 'accepting', address: `127.0.0.1:${server.port}` })
    expect(names(run)).toEqual(['dns', 'connect', 'login'])
  })

  test('is no question where nobody listens', async () => {
    const run = await ask({}, { port: await freePort() })
    expect(run.error?.type).toBe('connect.refused')
  })
})

describe('a login', () => {
  test.each(['trust', 'md5', 'scram-sha-256'])('by %s', async (way) => {
    const run = await ask({}, { login: { user: server.role(way), password: 'DB_PASSWORD' } })
    expect(run.error).toBeUndefined()
    expect(names(run)).toEqual(['dns', 'connect', 'login', 'query'])
  })

  test.each(['require', 'verify'] as const)('in clear text, over TLS: %s', async (security) => {
    const login = { user: server.role('password'), password: 'DB_PASSWORD' }
    const run = await ask({ certificateDaysLeft: { min: 100 } }, { security, login })
    expect(run.error).toBeUndefined()
    expect(names(run)).toEqual(['dns', 'connect', 'exchange', 'tls', 'login', 'query'])
  })

  test('in clear text without TLS does not tell the password', async () => {
    const run = await ask({}, { login: { user: server.role('password'), password: 'DB_PASSWORD' } })
    expect(run.error).toEqual({
      type: 'postgres.login',
      message: expect.stringMatching(
        /in clear text without TLS, and does not get it: set security/,
      ),
    })
  })

  test('over TLS with somebody whom nobody trusts ends before it, unless that is not asked', async () => {
    const trustedRoots = pemOf(await anAuthority())
    const login = { user: server.role('scram-sha-256'), password: 'DB_PASSWORD' }
    const refused = await ask({}, { security: 'verify', trustedRoots, login })
    expect(refused.error?.type).toBe('tls.untrusted')
    expect(names(refused)).not.toContain('login')
    const taken = await ask({}, { security: 'require', trustedRoots, login })
    expect(taken.error).toBeUndefined()
  })

  test.each(['md5', 'scram-sha-256'])('by %s with the wrong password is refused', async (way) => {
    const login = { user: server.role(way), password: 'DB_PASSWORD' }
    const run = await ask({}, { login }, 'not-the-password')
    expect(run.error).toEqual({
      type: 'postgres.login',
      message: expect.stringMatching(/refuses the login: "password authentication failed .*28P01/),
    })
    // It does accept connections.
    expect(run.facts).toMatchObject({ state: 'accepting' })
    expect(JSON.stringify(run)).not.toContain('not-the-password')
  })

  type Refused = { why: string; login: () => Partial<PostgresLogin>; type: string; words: RegExp }
  const refused: Refused[] = [
    {
      why: 'of somebody who may not come',
      login: () => ({ user: server.role('reject') }),
      type: 'postgres.login',
      words: /pg_hba.conf rejects connection.*28000/,
    },
    {
      why: 'without a password where one is needed',
      login: () => ({ user: server.role('scram-sha-256') }),
      type: 'postgres.login',
      words: /the check names none: set "password"/,
    },
    {
      why: 'with a secret that the probe lacks',
      login: () => ({ password: 'OTHER' }),
      type: 'probe.secret_missing',
      words: /no secret OTHER/,
    },
    {
      why: 'to a database that is not there',
      login: () => ({ database: 'nowhere' }),
      type: 'postgres.login',
      words: /has no such database: .*"nowhere" does not exist/,
    },
  ]
  test.each(refused)('$why', async ({ login, type, words }) => {
    const run = await ask({}, { login: login() })
    expect(run.error).toEqual({ type, message: expect.stringMatching(words) })
  })

  test('with no connection left says so', async () => {
    const user = server.role('trust')
    await server.client.query(`ALTER ROLE ${user} CONNECTION LIMIT 0`)
    try {
      const run = await ask()
      expect(run.error?.type).toBe('postgres.too_many_connections')
      expect(run.facts).toMatchObject({ state: 'rejecting' })
    } finally {
      await server.client.query(`ALTER ROLE ${user} CONNECTION LIMIT -1`)
    }
  })
})

describe('what it is asked', () => {
  test('it answers, with how it is', async () => {
    const query = 'SELECT n, n * 2 FROM generate_series(41, 43) AS n'
    const login = { query, writeTable: writes() }
    const run = await ask(
      {
        rows: 3,
        value: { equals: '41' },
        inRecovery: false,
        connectionsUsedPercent: { min: 1, max: 99 },
      },
      { login },
    )
    expect(run.error).toBeUndefined()
    expect(names(run)).toEqual(['dns', 'connect', 'login', 'query', 'write'])
    expect(run.facts).toMatchObject({
      rows: 3,
      value: '41',
      serverVersion: expect.stringMatching(/^\d+/),
      inRecovery: false,
      connectionsMax: 100,
      connectionsUsed: expect.any(Number),
    })
    const { rows } = await server.client.query(`SELECT FROM ${writes()}`)
    expect(rows).toHaveLength(0)
  })

  const rows: [subject: string, bad: unknown, words: RegExp][] = [
    ['rows', { min: 2 }, /rows: expected at least 2, got 1$/],
    ['value', { max: 0 }, /value: expected at most 0, got 1$/],
    ['serverVersion', '9.6', /serverVersion: expected 9.6/],
    ['inRecovery', true, /inRecovery: expected true, got false$/],
    ['lagSeconds', { max: 30 }, /expected at most 30, but .* is a primary, not a replica/],
    ['connectionsUsedPercent', { max: 0 }, /connectionsUsedPercent: expected at most 0/],
    ['login', { min: '5s' }, /login: expected at least/],
    ['query', { min: '5s' }, /query: expected at least/],
    ['write', { min: '5s' }, /write: expected at least/],
    ['total', { min: '5s' }, /total: expected at least/],
  ]
  test.each(rows)('can be expected: %s', async (subject, bad, words) => {
    const run = await ask({ [subject]: bad }, { login: { writeTable: writes() } })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type: 'assertion', message: expect.stringMatching(words) })
  })

  type Bad = { why: string; login: () => Partial<PostgresLogin>; type: string; words: RegExp }
  const bad: Bad[] = [
    {
      why: 'it cannot answer',
      login: () => ({ query: 'SELECT 1 / 0' }),
      type: 'postgres.query',
      words: /does not answer the query: "division by zero" \(22012\)/,
    },
    {
      why: 'would change something',
      login: () => ({ query: `DELETE FROM ${writes()}` }),
      type: 'postgres.query',
      words: /run to read only: .*25006/,
    },
    {
      why: 'is more than one statement',
      login: () => ({ query: 'SELECT 1; SELECT 2' }),
      type: 'postgres.query',
      words: /multiple commands/,
    },
    {
      why: 'has too many rows',
      login: () => ({ query: 'SELECT generate_series(1, 1001)' }),
      type: 'postgres.query',
      words: /more than 1000 rows: let the query count them/,
    },
    {
      why: 'has a row that is too long',
      login: () => ({ query: "SELECT repeat('x', 50000)" }),
      type: 'postgres.query',
      words: /answers the query with too much: a message claims to be \d+ bytes.*select less/,
    },
    {
      why: 'writes into what is not there',
      login: () => ({ writeTable: 'ops.nowhere' }),
      type: 'postgres.query',
      words: /42P01|3F000/,
    },
    {
      why: 'writes where it may not',
      login: () => ({ writeTable: 'pg_catalog.pg_class' }),
      type: 'postgres.query',
      words: /does not allow it to this user: .*42501/,
    },
  ]
  test.each(bad)('$why', async ({ login, type, words }) => {
    const run = await ask({}, { login: login() })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type, message: expect.stringMatching(words) })
  })

  test('writes nothing where nothing can be written, and still tells how it is', async () => {
    const user = server.role('trust')
    await server.client.query(`ALTER ROLE ${user} SET default_transaction_read_only = on`)
    try {
      const run = await ask({}, { login: { writeTable: writes() } })
      expect(run.error).toEqual({
        type: 'postgres.read_only',
        message: expect.stringMatching(/takes no writes: .*25006.*it is a replica, or/),
      })
      expect(run.facts).toMatchObject({ inRecovery: false, connectionsMax: 100 })
    } finally {
      await server.client.query(`ALTER ROLE ${user} RESET default_transaction_read_only`)
    }
  })

  test('takes too long: it ends on both sides', async () => {
    const marker = `SELECT pg_sleep(60), '${server.role('marker')}'`
    const asleep = async () => {
      const { rows } = await server.client.query(
        "SELECT FROM pg_stat_activity WHERE state = 'active' AND query = $1",
        [marker],
      )
      return rows.length
    }
    const asking = ask({}, { login: { query: marker }, timeoutMs: 2_000 })
    // Otherwise that it is gone in the end would say nothing.
    await until('the server is at it', async () => (await asleep()) === 1)
    const run = await asking
    expect(run.error).toEqual({
      type: 'timeout',
      message: expect.stringMatching(/no complete answer from .* during the query within 2 s/),
    })
    expect(phaseMs(run, 'query')).toBeGreaterThan(100)
    await until('the server has given up too', async () => (await asleep()) === 0)
  })
})

test('a replica tells how far it is behind, and takes no writes', async () => {
  const { port } = await postgresReplica(server)
  // Whoever may not see that it waits for more must take a part of a record for a delay.
  await server.client.query(`GRANT pg_monitor TO ${server.role('trust')}`)
  onTestFinished(async () => {
    await server.client.query(`REVOKE pg_monitor FROM ${server.role('trust')}`)
  })
  const replica = (expected: Record<string, unknown>, login: Partial<PostgresLogin> = {}) =>
    ask({ inRecovery: true, ...expected }, { port, login })
  const change = () => server.client.query(`INSERT INTO ${writes()} DEFAULT VALUES RETURNING at`)
  await change()
  const keptUp = async () => (await replica({ lagSeconds: { max: 0 } })).verdict === 'passed'
  await until('it is not behind', keptUp)

  const written = await replica({}, { writeTable: writes() })
  expect(written.error?.type).toBe('postgres.read_only')
  expect(written.facts).toMatchObject({ inRecovery: true })

  const there = new pg.Client({
    connectionString: inject('postgresUrl').replace(/:\d+$/, `:${port}/postgres`),
  })
  await there.connect()
  const received = async () => {
    const { rows } = await there.query<{ end: string; isCut: boolean }>(
      `SELECT pg_last_wal_receive_lsn() AS end,
        pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()
          AND clock_timestamp() - pg_last_xact_replay_timestamp() > '0.2 s' AS "isCut"`,
    )
    return rows[0] ?? { end: '', isCut: false }
  }
  try {
    await until('it keeps up where the last record has arrived in part only', async () => {
      // A page is sent when it is full, and what no transaction waits for fills none to its end.
      await server.client.query(`SELECT pg_logical_emit_message(false, 'any', repeat('x', 20000))`)
      const { end } = await until('a record is cut, and the last change is past', async () => {
        const seen = await received()
        return seen.isCut && seen
      })
      const isKeptUp = await keptUp()
      const after = await received()
      return after.isCut && after.end === end && isKeptUp
    })

    await there.query('SELECT pg_wal_replay_pause()')
    await change()
    await until('it is behind', async () => {
      const { error, facts } = await replica({ lagSeconds: { max: 0 } })
      return (
        Number(facts.lagSeconds) > 0 && /lagSeconds: expected at most 0/.test(error?.message ?? '')
      )
    })
  } finally {
    await there.end()
  }
})
