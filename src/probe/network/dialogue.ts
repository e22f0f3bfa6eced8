import type { Turn } from '../../protocol/check-base.ts'
import { PATTERN_MS_MAX } from '../../protocol/judge-expectations.ts'
import type { RunErrorType } from '../../protocol/run.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import { createTimeBox, type TimeBox } from '../checks/time-box.ts'
import { type Inbox, type Seek, UNREAD_LENGTH_MAX, UNREAD_PIECES_MAX } from './inbox.ts'
import type { PhaseMeter } from './phase-meter.ts'

/** The other side of a dialogue, over whatever it is held. */
export type Partner = {
  inbox: Inbox
  /** Resolves when it is handed over; rejects when the other side has gone. */
  send(content: string | Buffer): Promise<void>
  /** Reads on after the inbox was full. */
  resume(): void
  /** What it is when the other side ends the conversation too early. */
  endedType: RunErrorType
}

type DialogueParts = {
  context: Pick<CheckContext, 'clock'>
  meter: PhaseMeter
  /** For messages: `shop.test:25`. */
  target: string
}

/** Longest text of what came that a message shows. */
const SHOWN_LENGTH_MAX = 200

/**
 * Holds a dialogue, turn by turn, as phase `exchange`. Each pattern is looked for in what came since
 * the last one was found.
 *
 * @throws {CheckError} `dialogue` for a turn that is not met, or the partner's own type when it left.
 */
export function holdDialogue(
  turns: readonly Turn[],
  partner: Partner,
  { meter, target }: DialogueParts,
): Promise<void> {
  const timeBox = createTimeBox()
  let now = ''
  const overdue = { type: 'dialogue', what: () => `${now}${gotFrom(partner, turns)}` } as const
  return meter.measure('exchange', overdue, async () => {
    for (const [index, turn] of turns.entries()) {
      const which = `${target}, turn ${index + 1}`
      now = `${which}: ${describeTurn(turn)}`
      if (turn.expect === undefined) await sendTurn(turn, partner, now)
      else await awaitPattern(turn.expect, partner, timeBox, now)
    }
  })
}

/**
 * Waits for the first thing that comes, as phase `exchange`, when a check expects something of what
 * comes but no turn of its dialogue does.
 */
export function awaitAnything(partner: Partner, { meter, target }: DialogueParts): Promise<void> {
  const what = `${target}: expected that something comes, got nothing`
  return meter.measure('exchange', { type: 'dialogue', what }, async () => {
    const { inbox } = partner
    while (inbox.received.length === 0) {
      if (inbox.ending !== undefined)
        throw new CheckError(partner.endedType, `${what}, then ${inbox.ending}`)
      await inbox.more()
    }
  })
}

const describeTurn = ({ send, sendHex, expect }: Turn): string => {
  if (expect !== undefined) return `expected /${expect}/`
  const bytes = contentOf({ send, sendHex }).length
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'} to send were not taken`
}

const contentOf = ({ send, sendHex = '' }: Turn): Buffer =>
  send === undefined ? Buffer.from(sendHex.replace(/\s+/g, ''), 'hex') : Buffer.from(send)

const gotFrom = ({ inbox }: Partner, turns: readonly Turn[]): string =>
  turns.some(({ expect }) => expect !== undefined) ? `, got ${shown(inbox.unread())}` : ''

async function sendTurn(turn: Turn, partner: Partner, what: string): Promise<void> {
  try {
    // Text goes as text, where the partner tells the two apart.
    await partner.send(turn.send ?? contentOf(turn))
  } catch (error) {
    const { ending = 'the connection broke' } = partner.inbox
    const came = shown(partner.inbox.unread())
    throw new CheckError(partner.endedType, `${what}, got ${came}, then ${ending}`, {
      cause: error,
    })
  }
}

async function awaitPattern(
  pattern: string,
  { inbox, resume, endedType }: Partner,
  timeBox: TimeBox,
  what: string,
): Promise<void> {
  const seek: Seek = (pieces) => seekPattern(pattern, pieces, timeBox, what)
  while (!inbox.find(seek)) {
    const came = shown(inbox.unread())
    if (inbox.isFull)
      throw new CheckError(
        'dialogue',
        `${what}, got ${UNREAD_LENGTH_MAX / 1024} KiB or ${UNREAD_PIECES_MAX} messages without it: ${came}`,
      )
    if (inbox.ending !== undefined)
      throw new CheckError(endedType, `${what}, got ${came}, then ${inbox.ending}`)
    await inbox.more()
  }
  resume()
}

/** Where the first match ends; undefined when there is none. All pieces share one time limit. */
function seekPattern(
  pattern: string,
  pieces: readonly string[],
  timeBox: TimeBox,
  what: string,
): ReturnType<Seek> {
  const answer = timeBox.run(() => {
    const expression = new RegExp(pattern, 'u')
    for (const [index, piece] of pieces.entries()) {
      const match = expression.exec(piece)
      if (match) return { index, end: match.index + match[0].length }
    }
    return undefined
  })
  if (answer) return answer.value
  throw new CheckError(
    'dialogue',
    `${what}, but the pattern takes longer than the ${PATTERN_MS_MAX} ms that it may, on ${shown(pieces.join(' '))}`,
  )
}

/** Its end: what came last says most about why it is not what was expected. */
function shown(text: string): string {
  if (text === '') return 'nothing'
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= SHOWN_LENGTH_MAX ? `"${line}"` : `"…${line.slice(-SHOWN_LENGTH_MAX)}"`
}
