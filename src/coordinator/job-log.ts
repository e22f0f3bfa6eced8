import { clip } from '../base/clip.ts'
import { createMask } from '../runtime/mask-secrets.ts'

/** How much of a job's log is kept: its end, where it says what went wrong. */
export const JOB_LOG_LINES_MAX = 100
export const JOB_LOG_BYTES_MAX = 16 * 1024
const LINE_LENGTH_MAX = 1_000

/** The last lines that a job sent, without its token and safe to store and show. */
export function jobLog(sent: Buffer | undefined, token: { name: string; value: string }): string[] {
  if (!sent) return []
  const mask = createMask({ [token.name]: token.value })
  const lines = mask(sent.toString('utf8'))
    .trimEnd()
    .split(/\r\n|\n|\r/)
  const kept: string[] = []
  let bytesLeft = JOB_LOG_BYTES_MAX
  for (const line of lines.slice(-JOB_LOG_LINES_MAX).toReversed()) {
    const clipped = clip(line, LINE_LENGTH_MAX)
    bytesLeft -= Buffer.byteLength(clipped) + 1
    if (bytesLeft < 0) break
    kept.unshift(clipped)
  }
  return kept.every((line) => line === '') ? [] : kept
}
