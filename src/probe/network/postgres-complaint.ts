import type { RunErrorType } from '../../protocol/run.ts'
import { CheckError } from '../checks/check-runner.ts'
import { showText } from './conversation.ts'
import type { ServerComplaint } from './postgres-message.ts'

/** What the probe was doing when the server complained. */
export type PostgresMoment = 'login' | 'query' | 'write' | 'facts'

type Meaning = {
  type: RunErrorType
  /** Reads well after the target's name. */
  words: string
  /** Where somebody who was just woken looks first. */
  help?: string
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  '57P01': { type: 'postgres.not_ready', words: 'is being shut down' },
  '57P02': {
    type: 'postgres.not_ready',
    words: 'restarts after a crash',
    help: 'its log says which process died',
  },
  '57P03': {
    type: 'postgres.not_ready',
    words: 'does not accept connections now',
    help: 'it starts up, shuts down or recovers; its log says which, and how far it is',
  },
  '53300': {
    type: 'postgres.too_many_connections',
    words: 'has no connection left',
    help: 'pg_stat_activity tells who holds them; idle sessions can be ended with pg_terminate_backend',
  },
  '53100': {
    type: 'postgres.disk_full',
    words: 'has no disk space left',
    help: 'writes fail until some is freed; never delete below pg_wal by hand',
  },
  '25006': {
    type: 'postgres.read_only',
    words: 'takes no writes',
    help: 'it is a replica, or default_transaction_read_only is on; after a failover, the name may lead to the wrong server',
  },
  '3D000': { type: 'postgres.login', words: 'has no such database' },
  '57014': {
    type: 'postgres.query',
    words: 'ended the statement',
    help: 'it took too long, or somebody cancelled it',
  },
  '42501': {
    type: 'postgres.query',
    words: 'does not allow it to this user',
    help: 'GRANT what the check needs, and nothing else',
  },
  '42P01': { type: 'postgres.query', words: 'has no such table' },
}

/** In a query the probe itself asks for a transaction that only reads. */
const QUERY_WRITES: Meaning = {
  type: 'postgres.query',
  words: 'refuses the query, which is run to read only',
  help: 'a write belongs into "write", which is rolled back',
}

const LOGIN: Meaning = { type: 'postgres.login', words: 'refuses the login' }
const FACTS: Meaning = { type: 'postgres.query', words: 'does not tell how it is' }
const STATEMENT: Readonly<Record<'query' | 'write', Meaning>> = {
  query: { type: 'postgres.query', words: 'does not answer the query' },
  write: { type: 'postgres.query', words: 'does not take the write' },
}

function meaningOf(code: string, moment: PostgresMoment): Meaning {
  if (code === '25006' && moment === 'query') return QUERY_WRITES
  const meaning = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined
  if (meaning) return meaning
  if (moment === 'login') return LOGIN
  return moment === 'facts' ? FACTS : STATEMENT[moment]
}

/** What a complaint of the server means, with its own words and where to look. */
export function describeComplaint(
  { code, message }: ServerComplaint,
  moment: PostgresMoment,
  target: string,
): CheckError {
  const { type, words, help } = meaningOf(code, moment)
  const said = `"${showText(message)}"${code === '' ? '' : ` (${showText(code)})`}`
  return new CheckError(type, `${target} ${words}: ${said}${help === undefined ? '' : `; ${help}`}`)
}

/** Complaints of a server that would say the same to everybody. */
const REJECTS_ALL: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '53300'])

export const rejectsAll = ({ code }: ServerComplaint): boolean => REJECTS_ALL.has(code)

/**
 * A server that has no room, or cannot start a process for another connection, may say so instead of whether
 * it turns to TLS. It says it in the clear, so that whoever is between could have said it as well.
 */
export class RejectedBeforeTls extends CheckError {}

/** What a server means by an error before TLS; undefined where it is none of everybody's. */
export function describeEarlyComplaint(
  complaint: ServerComplaint,
  target: string,
): RejectedBeforeTls | undefined {
  // As protocol 2 had it, without a code: from a server that could not even begin to listen to us.
  if (complaint.code === '')
    return new RejectedBeforeTls(
      'postgres.not_ready',
      `${target} takes no connection: "${showText(complaint.message)}"`,
    )
  if (!rejectsAll(complaint)) return undefined
  const { type, message } = describeComplaint(complaint, 'login', target)
  return new RejectedBeforeTls(type, message)
}

/** After such a complaint the server ends the connection. */
export const isLastWord = ({ severity }: ServerComplaint): boolean =>
  severity === 'FATAL' || severity === 'PANIC'
