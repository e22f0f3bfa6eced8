import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { AppError } from '../../base/app-error.ts'
import { type BackupManifest, makeBackup, restoreBackup } from '../../coordinator/backup.ts'
import { readEnvironment } from '../../runtime/environment.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { wrapText } from '../wrap-text.ts'

const HELP = `
Environment:
  FIREWATCH_DATA  folder of the coordinator's database and artifacts (.firewatch/coordinator)

With PostgreSQL (DATABASE_URL) use pg_dump and pg_restore; deploy/README.md shows how.`

/** `firewatch backup`: a copy of the embedded database and the artifacts, while the coordinator runs. */
export function addBackupCommand(program: Command): void {
  program
    .command('backup')
    .description('Copy what the coordinator knows into a folder; it may run meanwhile.')
    .argument('<folder>', 'that does not exist yet, or is empty')
    .addHelpText('after', wrapText(HELP))
    .action(async (folder: string) => {
      const manifest = await makeBackup(dataFolder(), resolve(folder), systemClock.now())
      process.stdout.write(`backup of ${contentOf(manifest)} in ${folder}\n`)
    })
}

/** `firewatch restore`: puts a backup where a coordinator will find it. */
export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .description(
      'Put a backup in place; the coordinator must not run, and its folder be without one.',
    )
    .argument('<folder>', 'that firewatch backup made')
    .addHelpText('after', wrapText(HELP))
    .action(async (folder: string) => {
      const place = dataFolder()
      const manifest = await restoreBackup(resolve(folder), place)
      const madeAt = new Date(manifest.madeAt).toISOString()
      process.stdout.write(`${contentOf(manifest)} as of ${madeAt} are in ${place}\n`)
    })
}

function dataFolder(): string {
  const { FIREWATCH_DATA, DATABASE_URL } = readEnvironment(
    {
      FIREWATCH_DATA: z.string().default('.firewatch/coordinator'),
      DATABASE_URL: z.string().optional(),
    },
    process.env,
  )
  if (DATABASE_URL !== undefined)
    throw new AppError(
      'backup.impossible',
      'the data is in PostgreSQL (DATABASE_URL); use pg_dump and pg_restore, and copy the folder artifacts',
    )
  return resolve(FIREWATCH_DATA)
}

const contentOf = ({ counts, database }: BackupManifest) =>
  `${counts.incidents} incidents, ${counts.runs} runs and ${counts.artifacts} artifacts (database ${Math.ceil(database.bytes / 1024 ** 2)} MiB)`
