import type { Clock } from '../../base/clock.ts'
import type { PhaseName } from '../../protocol/run.ts'
import type { PhaseMeter } from './phase-meter.ts'
import type { PostgresChannel } from './postgres-channel.ts'
import { describeComplaint, type PostgresMoment } from './postgres-complaint.ts'
import type { LoginDialogue } from './postgres-login.ts'
import {
  PostgresFormatError,
  readLoginRequest,
  readRow,
  type ServerComplaint,
  startupMessage,
} from './postgres-message.ts'

/** Rows of one answer that are read. */
export const ROWS_MAX = 1_000

export type Startup = { user: string; database: string }

/** What a server asks for in a login, or why it ends before there is one. */
export type Knocked = { asked: Buffer } | { complaint: ServerComplaint }

/** Says who comes, as phase `login`. */
export function knock(channel: PostgresChannel, { user, database }: Startup): Promise<Knocked> {
  return channel.measure('login', async () => {
    channel.send(startupMessage({ user, database, application_name: 'firewatch' }))
    for (;;) {
      const { type, body } = await channel.next()
      if (type === 'E') return { complaint: channel.complaintOf(body) }
      if (type === 'R') {
        // That it can be read at all is what tells a server from something else.
        readLoginRequest(body)
        return { asked: body }
      }
      // Which versions of the protocol it knows.
      if (type !== 'v') throw unexpected(type)
    }
  })
}

export type LoginOptions = {
  dialogue: LoginDialogue
  clock: Clock
  /** Hears how long proving a password took here, which is no time of the target's. */
  onOwnTime(ms: number): void
}

/**
 * Ends the login that {@link knock} began, as phase `login`; gives the complaint that it ended with,
 * undefined when the server is ready for statements.
 */
export async function logIn(
  channel: PostgresChannel,
  asked: Buffer,
  { dialogue, clock, onOwnTime }: LoginOptions,
): Promise<ServerComplaint | undefined> {
  let request = readLoginRequest(asked)
  for (;;) {
    const startedAt = clock.monotonic()
    const answer = await dialogue(request)
    onOwnTime(clock.monotonic() - startedAt)
    const isAccepted = request.kind === 'ok'
    const said = await channel.measure('login', async () => {
      if (answer) channel.send(answer)
      for (;;) {
        const { type, body } = await channel.next()
        if (type === 'E') return { complaint: channel.complaintOf(body) }
        if (isAccepted && type === 'Z') return { complaint: undefined }
        if (!isAccepted && type === 'R') return { request: readLoginRequest(body) }
        // The key that would cancel a statement.
        if (!isAccepted || type !== 'K') throw unexpected(type)
      }
    })
    if (!said.request) return said.complaint
    request = said.request
  }
}

export type PostgresAnswer = {
  rows: (string | null)[][]
  /** There were more than {@link ROWS_MAX}. */
  isCut: boolean
}

export type Statements = {
  moment: PostgresMoment
  phase: PhaseName
  messages: Buffer
  /** How many times the server says that it is ready for more. */
  answers: number
  /** Where the time goes; to the channel's own meter when absent. */
  meter?: PhaseMeter
}

/** Messages of an answer that say nothing which the probe does not see from the others. */
const SILENT = /^[1-3CDITnt]$/

/**
 * Sends statements and reads all that is answered.
 *
 * @throws {CheckError} what the server complained of first.
 */
export async function ask(
  channel: PostgresChannel,
  target: string,
  { moment, phase, messages, answers, meter }: Statements,
): Promise<PostgresAnswer> {
  channel.moment = moment
  const rows: PostgresAnswer['rows'] = []
  let isCut = false
  let first: ServerComplaint | undefined
  const readAll = async () => {
    channel.send(messages)
    for (let left = answers; left > 0 && channel.isOpen(); ) {
      const { type, body } = await channel.next()
      if (type === 'Z') left -= 1
      else if (type === 'E') {
        const complaint = channel.complaintOf(body)
        first ??= complaint
      } else if (type === 's') isCut = true
      else if (type === 'D' && rows.length < ROWS_MAX) rows.push(readRow(body))
      else if (!SILENT.test(type)) throw unexpected(type)
    }
  }
  await channel.measure(phase, readAll, meter)
  if (first) throw describeComplaint(first, moment, target)
  return { rows, isCut }
}

const unexpected = (type: string) =>
  new PostgresFormatError(`a message of type ${type} has no place there`)
