import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../base/app-error.ts'
import { ARTIFACT_BYTES_MAX } from '../../protocol/probe-api.ts'
import type { Artifact } from '../../protocol/run.ts'
import type { ArtifactFile } from '../checks/check-runner.ts'
import { syncFolder } from './journal-writer.ts'

/** A file that waits to be uploaded. */
export type KeptArtifact = ArtifactFile & { runId: string }

/** What is known of a file before it is looked at. */
type Kind = Pick<Artifact, 'mediaType' | 'step'>

/** `<run id>.<name>`; a run id has 36 characters. */
const FILE = /^([0-9a-f-]{36})\.(.+)$/

/**
 * Artifacts that wait for their upload, as files beside the journal, oldest first. The files are the
 * truth: one that is there is still to be uploaded.
 */
export class ArtifactFolder {
  readonly #folder: string
  readonly #files = new Map<string, KeptArtifact>()
  #bytes = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Finds what an earlier process left, and deletes what no run of the journal announces: it was
   * moved here, and then the process died before it could record the run.
   */
  static async open(folder: string, announced: (runId: string, name: string) => Kind | undefined) {
    const artifacts = new ArtifactFolder(folder)
    await mkdir(folder, { recursive: true })
    const found: (KeptArtifact & { at: number })[] = []
    for (const file of await readdir(folder)) {
      const path = join(folder, file)
      const [, runId = '', name = ''] = FILE.exec(file) ?? []
      const kind = announced(runId, name)
      if (kind) {
        const { mtimeMs: at, size: bytes } = await stat(path)
        found.push({ ...kind, name, bytes, runId, path, at })
      } else await rm(path, { force: true, recursive: true })
    }
    for (const { at: _, ...file } of found.toSorted((a, b) => a.at - b.at)) artifacts.#add(file)
    return artifacts
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#files.size
  }

  /**
   * Moves the files of a run here and makes them durable. Gives those that the run may announce; one
   * that is too large or cannot be moved is left out: the run is worth more than its picture.
   */
  async keep(runId: string, files: readonly ArtifactFile[]): Promise<Artifact[]> {
    const kept: Artifact[] = []
    for (const file of files) {
      const artifact = await this.#keepOne(runId, file).catch(() => undefined)
      if (artifact) kept.push(artifact)
      await rm(file.path, { force: true }).catch(() => undefined)
    }
    // Where the names cannot be made durable, the worst is a picture that is missing after a power cut.
    if (kept.length > 0) await syncFolder(this.#folder).catch(() => undefined)
    return kept
  }

  of(runId: string): KeptArtifact[] {
    return [...this.#files.values()].filter((file) => file.runId === runId)
  }

  oldest(): KeptArtifact | undefined {
    return this.#files.values().next().value
  }

  [Symbol.iterator](): Iterator<KeptArtifact> {
    return this.#files.values()
  }

  async remove(file: KeptArtifact): Promise<void> {
    if (this.#files.delete(file.path)) this.#bytes -= file.bytes
    await rm(file.path, { force: true })
  }

  #add(file: KeptArtifact): void {
    this.#files.set(file.path, file)
    this.#bytes += file.bytes
  }

  async #keepOne(runId: string, { path: from, ...artifact }: ArtifactFile) {
    const { size: bytes } = await stat(from)
    if (bytes > ARTIFACT_BYTES_MAX) return undefined
    await mkdir(this.#folder, { recursive: true })
    const path = join(this.#folder, `${runId}.${artifact.name}`)
    try {
      await move(from, path)
      const handle = await open(path, 'r+')
      await handle.sync().finally(() => handle.close())
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
    this.#add({ ...artifact, bytes, runId, path })
    return { ...artifact, bytes }
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    await copyFile(from, to)
  }
}
