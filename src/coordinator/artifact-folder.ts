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
   * @returns how many bytes it has.
   * @throws {AppError} `artifact.refused` when it has not the size that is allowed.
   */
  write(
    runId: string,
    name: string,
    content: AsyncIterable<Buffer>,
    size: ArtifactSize,
  ): Promise<number>
  /** @param range first and last byte; the whole file when absent. */
  read(runId: string, name: string, range?: { start: number; end: number }): ReadStream
  remove(runId: string, name: string): Promise<void>
}

/** A size that was announced is exact. A file that was announced by its name alone may have any up to `max`. */
export type ArtifactSize = { bytesMin: number; bytesMax: number }

export function createArtifactFolder(folder: string): ArtifactFolder {
  // Run ids and names are checked by the protocol's schemas before they come here; the hash spreads
  // them, because a run id may begin with the time.
  const pathOf = (runId: string, name: string) =>
    join(folder, createHash('sha256').update(runId).digest('hex').slice(0, 2), runId, name)

  return {
    async write(runId, name, content, { bytesMin, bytesMax }) {
      const path = pathOf(runId, name)
      const partial = `${path}.partial`
      await mkdir(dirname(path), { recursive: true })
      const file = await open(partial, 'w')
      try {
        let written = 0
        for await (const chunk of content) {
          written += chunk.length
          if (written > bytesMax) break
          await file.write(chunk)
        }
        if (written < bytesMin || written > bytesMax)
          throw new AppError('artifact.refused', sizeWords(name, { bytesMin, bytesMax }))
        await file.datasync()
        await rename(partial, path)
        return written
      } finally {
        await file.close()
        await rm(partial, { force: true })
      }
    },
    read: (runId, name, range) => createReadStream(pathOf(runId, name), range),
    async remove(runId, name) {
      await rm(pathOf(runId, name), { force: true })
    },
  }
}

const sizeWords = (name: string, { bytesMin, bytesMax }: ArtifactSize): string =>
  bytesMin === bytesMax
    ? `${name} was announced with ${bytesMax} bytes`
    : `${name} must have ${bytesMin} to ${bytesMax} bytes`
