import type { Socket } from 'node:net'
import type { StartTls } from '../../protocol/kinds/tls.ts'
import { CheckError } from '../checks/check-runner.ts'
import { type Conversation, converse, showText } from './conversation.ts'
import { endOfElement, readDer, readSequence, writeDer } from './der.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { describeEarlyComplaint } from './postgres-complaint.ts'
import { endOfTlsAnswer, PostgresFormatError, readEarlyComplaint } from './postgres-message.ts'
import { describeReply, type Reply, readReply } from './reply-lines.ts'

export type StartTlsOptions = {
  meter: PhaseMeter
  /** For messages: `mail.test:25`. */
  target: string
  /** How the probe names itself to mail servers. */
  helloName: string
}

type Dialogue = (conversation: Conversation, parts: DialogueParts) => Promise<void>
type DialogueParts = {
  helloName: string
  target: string
  /** What the server said instead of agreeing. */
  refused(words: string): CheckError
}

/**
 * Asks a server that begins in the clear to turn to TLS, as phase `exchange`. Afterwards the
 * connection is ready for the handshake.
 *
 * @throws {CheckError} `tls.start_refused` with what the server said, `timeout` when it says nothing;
 * `postgres.…` when PostgreSQL says in its own words why it takes no connection.
 */
export async function startTls(
  socket: Socket,
  protocol: StartTls,
  { meter, target, helloName }: StartTlsOptions,
): Promise<void> {
  const refused = (words: string) =>
    new CheckError('tls.start_refused', `${target} does not turn to TLS: ${words}`)
  const conversation = converse(socket, { target, fail: refused })
  const what = () => `${target} did not turn from ${protocol} to TLS (${conversation.heard()})`
  let unread: Buffer
  try {
    await meter.measure('exchange', { type: 'timeout', what }, () =>
      DIALOGUES[protocol](conversation, { helloName, target, refused }),
    )
  } finally {
    unread = conversation.release()
  }
  // Whatever comes in the clear after the server has agreed, somebody else has put there.
  if (unread.length > 0)
    throw refused(`after its consent it said "${showText(unread)}" in the clear`)
}

const DIALOGUES: { readonly [P in StartTls]: Dialogue } = {
  /** RFC 3207. */
  smtp: async (conversation, { helloName, refused }) => {
    requireCode(await readReply(conversation, refused), 220, refused)
    conversation.send(`EHLO ${helloName}\r\n`)
    requireCode(await readReply(conversation, refused), 250, refused)
    conversation.send('STARTTLS\r\n')
    requireCode(await readReply(conversation, refused), 220, refused)
  },

  /** RFC 9051 §6.2.1. */
  imap: async (conversation, { refused }) => {
    const greeting = await conversation.readLine()
    if (!/^\* OK\b/i.test(greeting)) throw refused(`it said "${showText(greeting)}"`)
    conversation.send('a1 STARTTLS\r\n')
    let answer = await conversation.readLine()
    while (/^\* (?!BYE)/i.test(answer)) answer = await conversation.readLine()
    if (!/^a1 OK\b/i.test(answer)) throw refused(`it said "${showText(answer)}"`)
  },

  /** RFC 2595 §4. */
  pop3: async (conversation, { refused }) => {
    const requireOk = (line: string) => {
      if (!/^\+OK\b/i.test(line)) throw refused(`it said "${showText(line)}"`)
    }
    requireOk(await conversation.readLine())
    conversation.send('STLS\r\n')
    requireOk(await conversation.readLine())
  },

  /** RFC 4217 §4. */
  ftp: async (conversation, { refused }) => {
    requireCode(await readFtpReply(conversation, refused), 220, refused)
    conversation.send('AUTH TLS\r\n')
    requireCode(await readFtpReply(conversation, refused), 234, refused)
  },

  /** https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest. */
  postgres: async (conversation, { refused, target }) => {
    conversation.send(Buffer.from('0000000804d2162f', 'hex'))
    try {
      const answer = await conversation.read(endOfTlsAnswer)
      const first = answer.toString('latin1', 0, 1)
      if (first === 'S') return
      if (first === 'N') throw refused('it has TLS switched off (it answered N)')
      if (first === 'E') {
        const complaint = readEarlyComplaint(answer)
        const { message, code } = complaint
        throw (
          describeEarlyComplaint(complaint, target) ??
          refused(`it said "${showText(message)}" (${showText(code)})`)
        )
      }
      throw refused(`it answered "${showText(answer)}", which is not of PostgreSQL`)
    } catch (error) {
      if (!(error instanceof PostgresFormatError)) throw error
      throw refused(`it answered with an error that is not of PostgreSQL: ${error.message}`)
    }
  },

  /** RFC 4511 §4.14. */
  ldap: async (conversation, { refused }) => {
    conversation.send(LDAP_START_TLS)
    const answer = await readLdap(conversation, refused)
    if (answer.resultCode !== 0)
      throw refused(`it answered with code ${answer.resultCode}: "${showText(answer.diagnostic)}"`)
  },
}

function requireCode(reply: Reply, wanted: number, refused: DialogueParts['refused']): void {
  if (reply.code !== wanted) throw refused(`it said "${describeReply(reply)}"`)
}

/** In FTP, lines between the first and the last of a reply may be anything. */
async function readFtpReply(
  conversation: Conversation,
  refused: DialogueParts['refused'],
): Promise<Reply> {
  const first = await conversation.readLine()
  const [, code, separator] = /^([1-5]\d\d)([- ])/.exec(first) ?? []
  if (code === undefined) throw refused(`"${showText(first)}" is no reply`)
  const lines = [first.slice(4)]
  let line = first
  while (separator === '-' && !line.startsWith(`${code} `)) {
    line = await conversation.readLine()
    lines.push(line)
  }
  return { code: Number(code), lines }
}

const INTEGER = 0x02
const ENUMERATED = 0x0a
const SEQUENCE = 0x30
const EXTENDED_REQUEST = 0x77
const EXTENDED_RESPONSE = 0x78
const REQUEST_NAME = 0x80
const MESSAGE_ID = Buffer.from([1])

const LDAP_START_TLS = writeDer(
  SEQUENCE,
  writeDer(INTEGER, MESSAGE_ID),
  writeDer(EXTENDED_REQUEST, writeDer(REQUEST_NAME, Buffer.from('1.3.6.1.4.1.1466.20037'))),
)

async function readLdap(
  conversation: Conversation,
  refused: DialogueParts['refused'],
): Promise<{ resultCode: number; diagnostic: string }> {
  const notLdap = () => refused(`what it answered is not of LDAP (${conversation.heard()})`)
  try {
    const message = await conversation.read(endOfElement)
    const [, operation] = readSequence(message)
    if (operation?.tag !== EXTENDED_RESPONSE) throw notLdap()
    const [resultCode, , diagnostic] = readDer(operation.content)
    if (resultCode?.tag !== ENUMERATED) throw notLdap()
    return {
      resultCode: resultCode.content[0] ?? -1,
      diagnostic: diagnostic?.content.toString() ?? '',
    }
  } catch (error) {
    throw error instanceof RangeError ? notLdap() : error
  }
}
