import { codeOf, messageOf } from '../../base/app-error.ts'
import type { KeptArtifact } from '../spool/artifact-folder.ts'
import type { Spool } from '../spool/spool.ts'
import { type CoordinatorClient, CoordinatorError } from './coordinator-client.ts'
import { type DrainLoop, type DrainParts, startDrainLoop } from './drain-loop.ts'

/**
 * The coordinator never will take the file: it does not know the run (another run of its slot came
 * first), the run announced another file, or the file is too large.
 */
const HOPELESS = [400, 404, 409, 413, 422]

/** The file is gone, or is not what it was when it was announced. */
const UNREADABLE = ['ENOENT', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']

export type UploadParts = DrainParts & {
  spool: Spool
  client: CoordinatorClient
}

/** Uploads the artifacts of runs that the coordinator has, one at a time, beside the runs. */
export function startUploadingArtifacts(parts: UploadParts): DrainLoop {
  const { spool, client, logger } = parts

  async function upload(signal: AbortSignal): Promise<boolean> {
    const artifact = spool.nextArtifact()
    if (!artifact) return false
    await spool.finishArtifact(artifact, await tryUpload(artifact, signal))
    return true
  }

  async function tryUpload(
    artifact: KeptArtifact,
    signal: AbortSignal,
  ): Promise<'uploaded' | 'dropped'> {
    try {
      await client.putArtifact(artifact, signal)
      return 'uploaded'
    } catch (error) {
      if (!isHopeless(error)) throw error
      const { runId, name } = artifact
      logger.warn({ runId, name, error: messageOf(error) }, 'an artifact is dropped')
      return 'dropped'
    }
  }

  return startDrainLoop({ name: 'upload artifacts', paceMs: 0 }, upload, parts)
}

function isHopeless(error: unknown): boolean {
  if (!(error instanceof CoordinatorError)) return false
  return HOPELESS.includes(error.status ?? 0) || UNREADABLE.includes(codeOf(error.cause) ?? '')
}
