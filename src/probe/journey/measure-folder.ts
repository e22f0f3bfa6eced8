import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

export type FolderUse = { bytes: number; files: number }

/**
 * What lies below the folders, in bytes of their files; links are not followed. Stops counting at
 * `filesMax`: who makes that many has passed a limit already.
 */
export async function measureFolders(
  folders: readonly string[],
  filesMax: number,
): Promise<FolderUse> {
  const use = { bytes: 0, files: 0 }
  const left = [...folders]
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        if (++use.files > filesMax) return use
        const path = join(folder, entry.name)
        if (entry.isDirectory()) left.push(path)
        // What is written sparsely takes what it has blocks for.
        else use.bytes += (await lstat(path)).blocks * BLOCK_BYTES
      }
    } catch {
      // It was removed while we looked: browsers write and remove files all the time.
    }
  }
  return use
}

/** The unit of `blocks`, whatever the file system's own is. */
const BLOCK_BYTES = 512
