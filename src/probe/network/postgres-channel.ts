import type { Socket } from 'node:net'
import type { PhaseName } from '../../protocol/run.ts'
import { CheckError } from '../checks/check-runner.ts'
import { type Conversation, converse } from './conversation.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { isLastWord, type PostgresMoment } from './postgres-complaint.ts'
import {
  endOfMessage,
  PostgresFormatError,
  readComplaint,
  readMessage,
  readParameter,
  type ServerComplaint,
  type ServerMessage,
} from './postgres-message.ts'

export type ChannelOptions = {
  meter: PhaseMeter
  /** For messages: `db.test:5432`. */
  target: string
}

/** Messages to and from a server, and what it means when none comes, or something else. */
export type PostgresChannel = {
  /** Settings that the server told of, such as `server_version`. */
  parameters: ReadonlyMap<string, string>
  /** What the probe is about, for messages. */
  moment: PostgresMoment
  /** Whether the server will hear another message. */
  isOpen(): boolean
  send(message: Buffer): void
  /** The next message that is neither a notice nor a setting; only within `measure`. */
  next(): Promise<ServerMessage>
  /** Reads a complaint, and notes whether it was the server's last word. */
  complaintOf(body: Buffer): ServerComplaint
  /** @throws {CheckError} `timeout`, `connect.reset`, `postgres.…`. */
  measure<T>(phase: PhaseName, work: () => Promise<T>, meter?: PhaseMeter): Promise<T>
  release(): void
}

const DOING: { readonly [M in PostgresMoment]: string } = {
  login: 'during the login',
  query: 'during the query',
  write: 'during the write',
  facts: 'when it was asked how it is',
}

/** Opens the channel over a connection that is there and secured; a login comes first. */
export function openPostgresChannel(
  socket: Socket,
  { meter, target }: ChannelOptions,
): PostgresChannel {
  let isOpen = true
  const parameters = new Map<string, string>()
  const conversation = converse(socket, {
    target,
    fail: () => tooMuch('it says more than the probe reads in one session', channel.moment, target),
  })
  const channel: PostgresChannel = {
    parameters,
    moment: 'login',
    isOpen: () => isOpen,
    send: conversation.send,
    next: async () => {
      for (;;) {
        const message = readMessage(await conversation.read(endOfMessage))
        if (message.type === 'S') parameters.set(...readParameter(message.body))
        // Notices and notifications come at any time; all together they are bounded like everything.
        else if (message.type !== 'N' && message.type !== 'A') return message
      }
    },
    complaintOf: (body) => {
      const complaint = readComplaint(body)
      if (isLastWord(complaint)) isOpen = false
      return complaint
    },
    measure: async (phase, work, by = meter) => {
      const what = `no complete answer from ${target} ${DOING[channel.moment]}`
      try {
        return await by.measure(phase, { type: 'timeout', what }, work)
      } catch (error) {
        isOpen = false
        throw explain(error, channel.moment, { target, conversation })
      }
    },
    release: () => void conversation.release(),
  }
  return channel
}

/** What came instead of an answer. After the login nothing is shown of it: it may be of a row. */
function explain(
  error: unknown,
  moment: PostgresMoment,
  { target, conversation }: { target: string; conversation: Conversation },
): unknown {
  if (error instanceof PostgresFormatError) {
    if (error.isTooLong && moment !== 'login') return tooMuch(error.message, moment, target)
    const heard = moment === 'login' ? ` (${conversation.heard()})` : ''
    return new CheckError(
      'postgres.malformed',
      `${target} does not speak PostgreSQL's protocol ${DOING[moment]}: ${error.message}${heard}`,
    )
  }
  if (error instanceof CheckError && error.type === 'connect.reset')
    return new CheckError('connect.reset', `${target} closed the connection ${DOING[moment]}`)
  return error
}

const tooMuch = (words: string, moment: PostgresMoment, target: string): CheckError =>
  moment === 'query'
    ? new CheckError(
        'postgres.query',
        `${target} answers the query with too much: ${words}; select less`,
      )
    : new CheckError('postgres.malformed', `${target} says too much ${DOING[moment]}: ${words}`)
