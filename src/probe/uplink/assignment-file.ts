import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { AssignmentEnvelope } from '../../protocol/probe-api.ts'
import type { Logger } from '../../runtime/logger.ts'
import { syncFolder } from '../spool/journal-writer.ts'

type Envelope = z.infer<typeof AssignmentEnvelope>

/** The last assignment on disk, as it came: a newer probe may understand more of it. */
export type AssignmentFile = {
  /** Undefined when there is none that can be used. */
  load(): Promise<Envelope | undefined>
  save(envelope: Envelope): Promise<void>
}

export function createAssignmentFile(folder: string, logger: Logger): AssignmentFile {
  const file = join(folder, 'assignment.json')
  return {
    async load() {
      try {
        return AssignmentEnvelope.parse(JSON.parse(await readFile(file, 'utf8')))
      } catch (error) {
        // Without it the probe waits for the coordinator, as on its first start.
        if (codeOf(error) !== 'ENOENT')
          logger.warn({ file, error: messageOf(error) }, 'the assignment on disk cannot be used')
        return undefined
      }
    },
    async save(envelope) {
      try {
        await mkdir(folder, { recursive: true })
        await writeWhole(file, JSON.stringify(envelope))
        await syncFolder(folder)
      } catch (error) {
        // It is in memory, which is enough until the next restart.
        logger.error({ file, error: messageOf(error) }, 'the assignment cannot be kept on disk')
      }
    },
  }
}

/** The old content or the new one, whenever the machine dies. What it holds is for this probe's user alone. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}
