import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../base/app-error.ts'

/** The files of runs, on disk: `ab/<run id>/<name>`, so that no folder gets too many entries. */
export type ArtifactFolder = {
  /**
   * Writes a file whole or not at all.
   *
   * @throws {AppError} `artifact.refused` when there are more or fewer than `bytes`.
   */
  write(runId: string, name: string, content: AsyncIterable<Buffer>, bytes: number): Promise<void>
  read(runId: string, name: string): ReadStream
  remove(runId: string, name: string): Promise<void>
}

export function createArtifactFolder(folder: string): ArtifactFolder {
  // Run ids and names are checked by the protocol's schemas before they come here; the hash spreads
  // them, because a run id may begin with the time.
  const pathOf = (runId: string, name: string) =>
    join(folder, createHash('sha256').update(runId).digest('hex').slice(0, 2), runId, name)

  return {
    async write(runId, name, content, bytes) {
      const path = pathOf(runId, name)
      const partial = `${path}.partial`
      await mkdir(dirname(path), { recursive: true })
      const file = await open(partial, 'w')
      try {
        let written = 0
        for await (const chunk of content) {
          written += chunk.length
          if (written > bytes) break
          await file.write(chunk)
        }
        if (written !== bytes)
          throw new AppError('artifact.refused', `${name} was announced with ${bytes} bytes`)
        await file.datasync()
        await rename(partial, path)
      } finally {
        await file.close()
        await rm(partial, { force: true })
      }
    },
    read: (runId, name) => createReadStream(pathOf(runId, name)),
    async remove(runId, name) {
      await rm(pathOf(runId, name), { force: true })
    },
  }
}
