import { createHash } from 'node:crypto'
import { constants, createReadStream, existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { AppError, messageOf } from '../base/app-error.ts'

/**
 * A copy of what a coordinator with the embedded database knows, and its way back. With PostgreSQL the
 * database has tools of its own.
 */

/** Names in the data folder and, alike, in a backup. */
const DATABASE = 'firewatch.db'
const ARTIFACTS = 'artifacts'
/** Written last: a folder without it is no whole backup. */
const MANIFEST = 'backup.json'

const Manifest = z.object({
  /** Of the form of this file. */
  version: z.literal(1),
  /** Epoch milliseconds. */
  madeAt: z.number(),
  database: z.object({ bytes: z.number(), sha256: z.string() }),
  counts: z.object({ incidents: z.number(), runs: z.number(), artifacts: z.number() }),
})
export type BackupManifest = z.infer<typeof Manifest>

/**
 * Copies the database and the artifacts of a data folder into an empty folder. The coordinator may run
 * meanwhile: the copy of the database is as it was at one moment; artifacts that came later are not
 * missed by it, and those that retention deletes meanwhile are the oldest.
 *
 * @throws {AppError} `backup.impossible`: no database there, the folder is not empty, the copy is damaged.
 */
export async function makeBackup(
  dataFolder: string,
  target: string,
  now: number,
): Promise<BackupManifest> {
  const source = join(dataFolder, DATABASE)
  if (!existsSync(source)) throw impossible(`there is no ${DATABASE} in ${dataFolder}`)
  await mustBeEmpty(target, 'name a folder that does not exist yet')
  await mkdir(target, { recursive: true, mode: 0o700 })

  const copy = join(target, DATABASE)
  const database = new DatabaseSync(source, { readOnly: true })
  try {
    await backup(database, copy)
  } catch (cause) {
    throw new AppError('backup.impossible', `the database cannot be read`, { cause })
  } finally {
    database.close()
  }
  const counts = inspect(copy)

  const artifacts = join(dataFolder, ARTIFACTS)
  if (existsSync(artifacts)) await copyFolder(artifacts, join(target, ARTIFACTS))
  const manifest: BackupManifest = {
    version: 1,
    madeAt: now,
    database: { bytes: (await stat(copy)).size, sha256: await sha256Of(copy) },
    counts: { ...counts, artifacts: countFiles(join(target, ARTIFACTS)) },
  }
  await writeFile(join(target, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`)
  return manifest
}

/**
 * Puts a backup into a data folder in which there is no database. The coordinator must not run on it.
 *
 * @throws {AppError} `backup.impossible`: no whole backup, a damaged one, or there is a database already.
 */
export async function restoreBackup(from: string, dataFolder: string): Promise<BackupManifest> {
  const manifest = await readManifest(from)
  const copy = join(from, DATABASE)
  if (!existsSync(copy) || (await sha256Of(copy)) !== manifest.database.sha256)
    throw impossible(`${copy} is not what it was when the backup was made`)
  const place = join(dataFolder, DATABASE)
  if (existsSync(place))
    throw impossible(`there is a database in ${dataFolder}; stop the coordinator and move it away`)

  await mkdir(dataFolder, { recursive: true })
  // Artifacts first and the database last, whole under its name: cut off, it can be done again.
  if (existsSync(join(from, ARTIFACTS)))
    await copyFolder(join(from, ARTIFACTS), join(dataFolder, ARTIFACTS))
  const partial = `${place}.restoring`
  await rm(partial, { force: true })
  await cp(copy, partial, { mode: constants.COPYFILE_FICLONE })
  inspect(partial)
  for (const suffix of ['-wal', '-shm']) await rm(`${place}${suffix}`, { force: true })
  await rename(partial, place)
  return manifest
}

async function readManifest(from: string): Promise<BackupManifest> {
  const file = join(from, MANIFEST)
  if (!existsSync(file)) throw impossible(`${from} has no ${MANIFEST}: it is no whole backup`)
  try {
    return Manifest.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new AppError('backup.impossible', `${file} cannot be read`, { cause })
  }
}

/** What the copy holds, after SQLite has looked at every page of it. */
function inspect(file: string): { incidents: number; runs: number } {
  const database = new DatabaseSync(file)
  try {
    const found = database.prepare('pragma integrity_check').get()?.integrity_check
    if (found !== 'ok') throw impossible(`the copy is damaged: ${String(found)}`)
    const count = (table: string) =>
      Number(database.prepare(`select count(*) as count from ${table}`).get()?.count)
    return { incidents: count('incidents'), runs: count('runs') }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw impossible(`the copy cannot be read: ${messageOf(error)}`)
  } finally {
    database.close()
  }
}

/** What retention deletes while it is copied is not in the copy, and nothing else is wrong with it. */
async function copyFolder(from: string, to: string): Promise<void> {
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    const source = join(from, path)
    try {
      if ((await stat(source)).isDirectory() || path.endsWith('.partial')) continue
      await cp(source, join(to, path), { mode: constants.COPYFILE_FICLONE })
    } catch (error) {
      if (existsSync(source)) throw error
    }
  }
}

const countFiles = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      ).length
    : 0

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function mustBeEmpty(folder: string, instead: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw impossible(`${folder} is not empty; ${instead}`)
}

const impossible = (why: string) => new AppError('backup.impossible', why)
