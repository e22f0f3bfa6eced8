import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { codeOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'

export type Script = {
  file: string
  /** The probe's folder as it really lies, without links. */
  root: string
  /** SHA-256 of the content, hex, first 16 digits. */
  hash: string
}

/**
 * Finds a check's journey in this probe's own folder. The check comes over the network, so a path
 * that leads out of the folder is none: whoever takes over the coordinator must not be able to
 * choose what probes execute.
 *
 * @throws {CheckError} `probe.journey_missing`
 */
export async function findScript(probesFolder: string, script: string): Promise<Script> {
  try {
    const root = await realpath(probesFolder)
    const file = await realpath(join(root, script))
    if (!file.startsWith(root + sep)) throw new CheckError('probe.journey_missing', outside(script))
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
      .slice(0, 16)
    return { file, root, hash }
  } catch (error) {
    if (error instanceof CheckError) throw error
    throw new CheckError(
      'probe.journey_missing',
      `the journey ${script} is not in this probe's folder ${probesFolder} (${codeOf(error)}): deploy the probe's files again`,
      { cause: error },
    )
  }
}

const outside = (script: string) => `the journey ${script} lies outside this probe's folder`
