import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../base/app-error.ts'

/**
 * Keeps a second probe out of the folder: two that write the same journal would each delete what the
 * other needs. Node has no file locks of its own, but SQLite's are real ones: they end with the
 * process, however it ends.
 *
 * @throws {AppError} `spool.unusable`
 */
export function lockFolder(folder: string): { release(): void } {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(folder, 'lock'))
    database.exec('begin exclusive')
  } catch (cause) {
    database?.close()
    throw new AppError('spool.unusable', `${folder} is in use by another probe`, { cause })
  }
  const held = database
  return { release: () => held.close() }
}
