import { expect, test } from 'vitest'
import { describeComplaint } from '../../../../src/probe/network/postgres-complaint.ts'

const say = (code: string, moment: 'login' | 'query' | 'write' | 'facts', message = 'so it is') =>
  describeComplaint({ severity: 'ERROR', code, message }, moment, 'db.test:5432').toRunError()

test.each([
  [
    '57P03',
    'login',
    'postgres.not_ready',
    /does not accept connections now: "so it is" \(57P03\); it starts/,
  ],
  ['57P01', 'query', 'postgres.not_ready', /is being shut down/],
  ['57P02', 'write', 'postgres.not_ready', /restarts after a crash/],
  ['53300', 'login', 'postgres.too_many_connections', /has no connection left: .*pg_stat_activity/],
  ['53100', 'write', 'postgres.disk_full', /has no disk space left: .*never delete below pg_wal/],
  ['25006', 'write', 'postgres.read_only', /takes no writes: .*it is a replica/],
  ['25006', 'query', 'postgres.query', /run to read only: .*belongs into "write"/],
  ['3D000', 'login', 'postgres.login', /has no such database/],
  ['28P01', 'login', 'postgres.login', /refuses the login: "so it is" \(28P01\)$/],
  ['28000', 'login', 'postgres.login', /refuses the login/],
  ['42P01', 'write', 'postgres.query', /has no such table/],
  ['42501', 'write', 'postgres.query', /does not allow it to this user: .*GRANT/],
  ['57014', 'query', 'postgres.query', /ended the statement/],
  ['22012', 'query', 'postgres.query', /does not answer the query: "so it is" \(22012\)$/],
  ['23502', 'write', 'postgres.query', /does not take the write/],
  ['42883', 'facts', 'postgres.query', /does not tell how it is/],
  ['', 'login', 'postgres.login', /refuses the login: "so it is"$/],
  ['toString', 'login', 'postgres.login', /refuses the login/],
] as const)('%s during the %s is %s', (code, moment, type, message) => {
  expect(say(code, moment)).toEqual({ type, message: expect.stringMatching(message) })
})

test("the server's words are on one line, and not too long", () => {
  const { message } = say('28P01', 'login', `no\nentry ${'x'.repeat(5_000)}`)
  expect(message).toContain('"no entry xxx')
  expect(message.length).toBeLessThan(300)
})
