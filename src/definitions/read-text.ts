import { readFile, stat } from 'node:fs/promises'
import { codeOf } from '../base/app-error.ts'

/** Larger than any file that people write by hand. */
export const FILE_BYTES_MAX = 1024 * 1024

export type ReadText = { kind: 'text'; text: string } | { kind: 'refused'; message: string }

/** Reads a text file of bounded size. What is wrong comes as words that name no path. */
export async function readText(path: string): Promise<ReadText> {
  try {
    const status = await stat(path)
    if (!status.isFile()) return refused('is no file')
    if (status.size > FILE_BYTES_MAX) return refused(`is larger than ${FILE_BYTES_MAX / 1024} KiB`)
    const bytes = await readFile(path)
    // Without the byte order mark, which the decoder drops, columns count from what people see.
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return refused('does not exist')
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return refused('is no UTF-8 text')
    return refused(`cannot be read (${codeOf(error) ?? 'unknown reason'})`)
  }
}

const refused = (message: string): ReadText => ({ kind: 'refused', message })
