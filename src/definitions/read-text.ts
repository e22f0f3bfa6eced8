import { readFile, stat } from 'node:fs/promises'
import { codeOf } from '../base/app-error.ts'

/** Larger than any file that people write by hand. */
export const FILE_BYTES_MAX = 1024 * 1024

export type ReadText = { kind: 'text'; text: string } | { kind: 'refused'; message: string }

export type ReadBytes = { kind: 'bytes'; bytes: Buffer } | { kind: 'refused'; message: string }

/** Reads a text file of bounded size. What is wrong comes as words that name no path. */
export async function readText(path: string): Promise<ReadText> {
  const read = await readBytes(path, FILE_BYTES_MAX)
  if (read.kind === 'refused') return read
  try {
    // Without the byte order mark, which the decoder drops, columns count from what people see.
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(read.bytes) }
  } catch {
    return refused('is no UTF-8 text') // The one thing that the decoder complains of.
  }
}

/** Reads a file of bounded size, whatever is in it. What is wrong comes as words that name no path. */
export async function readBytes(path: string, bytesMax: number): Promise<ReadBytes> {
  try {
    const status = await stat(path)
    if (!status.isFile()) return refused('is no file')
    if (status.size > bytesMax) return refused(`is larger than ${bytesMax / 1024} KiB`)
    return { kind: 'bytes', bytes: await readFile(path) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return refused('does not exist')
    return refused(`cannot be read (${codeOf(error) ?? 'unknown reason'})`)
  }
}

const refused = (message: string) => ({ kind: 'refused' as const, message })
