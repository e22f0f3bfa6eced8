import type { CheckError } from '../checks/check-runner.ts'
import { type Conversation, showText } from './conversation.ts'

/** A reply of SMTP (RFC 5321 §4.2) or FTP (RFC 959 §4.2). */
export type Reply = {
  code: number
  /** What it says, without the code on each line. */
  lines: string[]
}

const REPLY_LINE = /^([1-5]\d\d)(?:([- ])(.*))?$/

/**
 * Reads one reply, which may have many lines: `250-first`, `250-second`, `250 last`.
 *
 * @param malformed makes the error of a line that is no reply.
 */
export async function readReply(
  conversation: Conversation,
  malformed: (words: string) => CheckError,
): Promise<Reply> {
  const lines: string[] = []
  let code: string | undefined
  for (;;) {
    const line = await conversation.readLine()
    const [, lineCode, separator, text = ''] = REPLY_LINE.exec(line) ?? []
    if (lineCode === undefined || (code !== undefined && lineCode !== code))
      throw malformed(`"${showText(line)}" is no reply`)
    code = lineCode
    lines.push(text)
    if (separator !== '-') return { code: Number(code), lines }
  }
}

/** `554 5.7.1 go away`. */
export const describeReply = ({ code, lines }: Reply): string =>
  showText(`${code} ${lines.join(' ')}`)
