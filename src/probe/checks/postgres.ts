import { messageOf } from '../../base/app-error.ts'
import type { PostgresCheck, PostgresLogin } from '../../protocol/kinds/postgres.ts'
import { withConnection } from '../network/checked-connection.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { openPostgresChannel, type PostgresChannel } from '../network/postgres-channel.ts'
import { describeComplaint, RejectedBeforeTls, rejectsAll } from '../network/postgres-complaint.ts'
import { createLoginDialogue } from '../network/postgres-login.ts'
import {
  boundedQueryMessages,
  queryMessage,
  type ServerComplaint,
  terminateMessage,
} from '../network/postgres-message.ts'
import { ask, knock, logIn, type PostgresAnswer, ROWS_MAX } from '../network/postgres-session.ts'
import { requireSecret } from '../network/require-secret.ts'
import { describeEndpoint } from '../network/timed-connect.ts'
import { tlsContext } from '../network/tls-context.ts'
import { addressesOf } from './check-endpoint.ts'
import { type CheckContext, CheckError, type CheckRunner, type Findings } from './check-runner.ts'
import { leave } from './tls.ts'

/** Who a server is told to be there when nobody logs in; whether it knows them does not matter. */
const NOBODY = { user: 'firewatch', database: 'postgres' }

/** For how the server is, of what the run has left: it must not hold up what is known already. */
const FACTS_MS_MAX = 2_000

type Parts = {
  check: PostgresCheck
  context: CheckContext
  channel: PostgresChannel
  target: string
}

/**
 * Asks a PostgreSQL server whether it accepts connections; with a login also what a query gives, whether
 * it takes a write, and how it is. Nothing that it does stays in the database.
 */
export const runPostgresCheck: CheckRunner<'postgres'> = async (check, context) => {
  const { clock, findings, secret } = context
  const { host, port, login, security, timeoutMs } = check
  const password = login?.password === undefined ? undefined : requireSecret(secret, login.password)
  // Made once for many runs, and no part of the measured time.
  if (security !== 'disable') tlsContext('modern', { ...check, secret })
  const startedAt = clock.monotonic()
  let ownMs = 0
  const meter = createPhaseMeter(context, timeoutMs)
  const target = describeEndpoint({ host, port })
  const secure =
    security === 'disable'
      ? undefined
      : {
          ...check,
          protocols: [],
          startTls: 'postgres' as const,
          isVerified: security === 'verify',
        }
  const connecting = { context, meter, addresses: addressesOf(check), secure }
  const recordTotal = () => {
    const totalMs = clock.monotonic() - startedAt - ownMs
    findings.subject('total', totalMs)
    findings.duration(totalMs)
  }
  const connected = withConnection({ host, port }, connecting, async (socket) => {
    const channel = openPostgresChannel(socket, { meter, target })
    const parts = { check, context, channel, target }
    try {
      const knocked = await knock(channel, login ?? NOBODY)
      let complaint = 'complaint' in knocked ? knocked.complaint : undefined
      recordState(complaint, parts)
      if (login && 'asked' in knocked) {
        const dialogue = createLoginDialogue({
          user: login.user,
          password: () => password,
          isEncrypted: security !== 'disable',
          target,
        })
        const onOwnTime = (ms: number) => {
          ownMs += ms
        }
        complaint = await logIn(channel, knocked.asked, { dialogue, clock, onOwnTime })
        recordState(complaint, parts)
      }
      if (!login) return recordTotal()
      if (complaint) throw describeComplaint(complaint, 'login', target)
      await useSession(login, parts, recordTotal)
      channel.send(terminateMessage())
    } finally {
      channel.release()
    }
    await leave(socket)
  })
  try {
    await connected
  } catch (error) {
    if (!(error instanceof RejectedBeforeTls)) throw error
    recordRejecting(error, findings)
    if (login) throw error
    recordTotal()
  }
}

/** A server that refuses somebody's login does accept connections. */
function recordState(
  complaint: ServerComplaint | undefined,
  { context: { findings }, target }: Parts,
): void {
  if (complaint !== undefined && rejectsAll(complaint)) {
    recordRejecting(describeComplaint(complaint, 'login', target), findings)
    return
  }
  findings.subject('state', 'accepting')
  findings.fact('state', 'accepting')
}

function recordRejecting(error: CheckError, findings: Findings): void {
  findings.subject('state', 'rejecting', () => error.toRunError())
  findings.fact('state', 'rejecting')
}

/** The query, then the write, then how the server is; that it tells even when one of them failed. */
async function useSession(
  login: PostgresLogin,
  parts: Parts,
  recordTotal: () => void,
): Promise<void> {
  const { channel, context } = parts
  const version = channel.parameters.get('server_version')
  context.findings.subject('serverVersion', version)
  if (version !== undefined) context.findings.fact('serverVersion', version)
  let broken: { error: unknown } | undefined
  try {
    recordAnswer(await query(login, parts), parts)
    if (login.writeTable !== undefined) await write(login.writeTable, parts)
  } catch (error) {
    broken = { error }
  }
  recordTotal()
  if (channel.isOpen() && !context.signal.aborted) await recordFacts(parts, broken !== undefined)
  if (broken) throw broken.error
}

/** How much longer the server may take to give up than the probe, whose word is the verdict. */
const SERVER_GRACE_MS = 1_000

/**
 * In a transaction, so that a pool of connections sees nothing of it afterwards, and with a limit that
 * ends the statement on the server too when the probe has given up.
 */
const begin = (mode: 'BEGIN READ ONLY' | 'BEGIN', timeoutMs: number): Buffer =>
  queryMessage(`${mode}; SET LOCAL statement_timeout = ${Math.ceil(timeoutMs) + SERVER_GRACE_MS}`)

const ROLLBACK = queryMessage('ROLLBACK')
/** Begin, statement, rollback. */
const ANSWERS = 3

const query = (login: PostgresLogin, { check, channel, target }: Parts): Promise<PostgresAnswer> =>
  ask(channel, target, {
    moment: 'query',
    phase: 'query',
    messages: Buffer.concat([
      begin('BEGIN READ ONLY', check.timeoutMs),
      boundedQueryMessages(login.query, ROWS_MAX),
      ROLLBACK,
    ]),
    answers: ANSWERS,
  })

function recordAnswer({ rows, isCut }: PostgresAnswer, { context: { findings }, target }: Parts) {
  if (isCut)
    throw new CheckError(
      'postgres.query',
      `${target} answers the query with more than ${ROWS_MAX} rows: let the query count them`,
    )
  const value = rows[0]?.[0] ?? undefined
  findings.subject('rows', rows.length)
  findings.fact('rows', rows.length)
  findings.subject('value', value)
  if (value !== undefined) findings.fact('value', value)
}

/** A row of default values. Nothing is committed, so what only a commit waits for is not seen. */
const write = (table: string, { check, channel, target }: Parts): Promise<PostgresAnswer> =>
  ask(channel, target, {
    moment: 'write',
    phase: 'write',
    messages: Buffer.concat([
      begin('BEGIN', check.timeoutMs),
      queryMessage(`INSERT INTO ${quoteName(table)} DEFAULT VALUES`),
      ROLLBACK,
    ]),
    answers: ANSWERS,
  })

/** Its parts are letters, digits, `_` and `$`: see what may be written. */
const quoteName = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')

/**
 * A replica that has replayed all that it received is not behind while it is connected, however long ago
 * the last transaction was; one that is cut off from its primary receives nothing, and must not count as
 * up to date for that. A record of which only the first pages have arrived yet is received and cannot be
 * replayed: then only the server's own process can tell that it waits for the rest. Users without pg_monitor
 * do not see what it does, nor of what kind the sessions of others are, which are counted then.
 */
const FACTS = `SELECT pg_is_in_recovery(),
  CASE WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN (pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
        OR EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup'
          AND wait_event IN ('RecoveryWalStream', 'RecoveryWalAll')))
      AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
    ELSE greatest(0, extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())) END,
  (SELECT count(*) FROM pg_stat_activity
    WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'),
  current_setting('max_connections')`

/** Subjects that are known by {@link FACTS} only. */
const FACT_SUBJECTS: ReadonlySet<string> = new Set([
  'inRecovery',
  'lagSeconds',
  'connectionsUsedPercent',
])

/** How the server is; the time for it is in no duration. What nobody expects anything of may fail. */
async function recordFacts(parts: Parts, isBroken: boolean): Promise<void> {
  const { check, context, channel, target } = parts
  const { findings } = context
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(FACTS_MS_MAX)])
  const unmeasured = { clock: context.clock, signal, findings: { phase: () => undefined } }
  const isWanted = check.expectations.some(({ subject }) => FACT_SUBJECTS.has(subject))
  try {
    const { rows } = await ask(channel, target, {
      moment: 'facts',
      phase: 'query',
      messages: Buffer.concat([
        begin('BEGIN READ ONLY', FACTS_MS_MAX),
        queryMessage(FACTS),
        ROLLBACK,
      ]),
      answers: ANSWERS,
      meter: createPhaseMeter(unmeasured, Math.min(FACTS_MS_MAX, check.timeoutMs)),
    })
    const [row = []] = rows
    recordRow(row, findings, target)
  } catch (error) {
    if (isWanted && !isBroken) throw error
    findings.log(messageOf(error))
  }
}

/** One decimal place. */
const TENTHS = 10

function recordRow(
  [recovery, lag, used, max]: (string | null | undefined)[],
  findings: Findings,
  target: string,
): void {
  const inRecovery = recovery === 't'
  const lagSeconds = roundedNumber(lag)
  const connectionsUsed = roundedNumber(used)
  const connectionsMax = roundedNumber(max)
  findings.fact('inRecovery', inRecovery)
  findings.subject('inRecovery', inRecovery)
  findings.subject('lagSeconds', lagSeconds, lagSeconds === undefined ? noLag : undefined)
  if (lagSeconds !== undefined) findings.fact('lagSeconds', lagSeconds)
  if (connectionsUsed === undefined || !connectionsMax) return
  const percent = Math.round((connectionsUsed / connectionsMax) * 100 * TENTHS) / TENTHS
  findings.fact('connectionsUsed', connectionsUsed)
  findings.fact('connectionsMax', connectionsMax)
  findings.fact('connectionsUsedPercent', percent)
  findings.subject('connectionsUsedPercent', percent)

  function noLag({ expected }: { expected: string }) {
    const why = inRecovery
      ? 'is a replica that has not replayed anything yet'
      : 'is a primary, not a replica'
    const message = `lagSeconds: expected ${expected}, but ${target} ${why}, so it has no lag`
    return { type: 'assertion' as const, message }
  }
}

function roundedNumber(text: string | null | undefined): number | undefined {
  const number = text === null || text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? Math.round(number * TENTHS) / TENTHS : undefined
}
