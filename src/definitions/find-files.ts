import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../base/app-error.ts'
import { compareText, type Problem, problemOfFile } from './problem.ts'

/** Far deeper than one folder a service needs. */
const FOLDER_DEPTH_MAX = 10
/** Entries below one folder; a fleet has hundreds. */
const ENTRIES_MAX = 10_000

export type FoundFiles = {
  /** Paths relative to the root, with forward slashes, sorted. */
  files: string[]
  problems: Problem[]
}

/**
 * Lists the files below `root/folder`. Leaves out names that begin with a dot (Kubernetes keeps its
 * copies of mounted files there) and node_modules.
 */
export async function findFiles(
  root: string,
  folder: string,
  { depthMax = FOLDER_DEPTH_MAX } = {},
): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], problems: [] }
  await collect(root, folder, depthMax, found)
  return { files: found.files.toSorted(compareText), problems: found.problems }
}

async function collect(root: string, folder: string, depth: number, found: FoundFiles) {
  let entries: { name: string; isSymbolicLink(): boolean }[]
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true })
  } catch (error) {
    const isMissing = codeOf(error) === 'ENOENT'
    const message = isMissing ? 'the folder is missing' : `cannot be read (${codeOf(error)})`
    found.problems.push(problemOfFile(folder, { message }))
    return
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = `${folder}/${entry.name}`
    if (found.files.length >= ENTRIES_MAX) {
      found.problems.push(problemOfFile(folder, { message: `more than ${ENTRIES_MAX} files` }))
      return
    }
    await collectEntry(root, path, entry.isSymbolicLink(), depth, found)
  }
}

async function collectEntry(
  root: string,
  path: string,
  isLink: boolean,
  depth: number,
  found: FoundFiles,
) {
  let status: { isFile(): boolean; isDirectory(): boolean }
  try {
    status = await stat(join(root, path))
  } catch (error) {
    found.problems.push(problemOfFile(path, { message: `cannot be read (${codeOf(error)})` }))
    return
  }
  if (status.isFile()) found.files.push(path)
  if (!status.isDirectory()) return
  if (isLink) {
    // A link can lead out of the folder, or into itself.
    if (depth > 1)
      found.problems.push(
        problemOfFile(path, { message: 'links to folders are not followed', expected: 'a folder' }),
      )
  } else if (depth > 1) await collect(root, path, depth - 1, found)
}
