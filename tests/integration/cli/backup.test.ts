import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listRuns } from '../../../src/protocol/public-api.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { aRun } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { startCoordinator } from '../../support/coordinator.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** A coordinator that runs on a data folder as the command makes it, with runs and an artifact. */
async function aCoordinatorWithRuns(folder: string) {
  const data = join(folder, 'data')
  const coordinator = await startCoordinator({
    database: { sqliteFile: join(data, 'firewatch.db') },
    clock: systemClock,
  })
  const now = systemClock.now()
  const runs = Array.from({ length: 20 }, (_, index) => aRun({ slotAt: now - index * 10_000 }))
  await coordinator.ingest(runs)
  await mkdir(join(data, 'artifacts/ab/run'), { recursive: true })
  await writeFile(join(data, 'artifacts/ab/run/failure.png'), 'a picture')
  await writeFile(join(data, 'artifacts/ab/run/other.png.partial'), 'half a pic')
  return { coordinator, data }
}

const firewatch = (folder: string, argv: string[], environment: Record<string, string> = {}) =>
  runFirewatch(argv, {
    folder,
    environment: { FIREWATCH_DATA: join(folder, 'data'), ...environment },
  })

test('a backup that is made while the coordinator runs starts another one that knows the same', async () => {
  const folder = await tempFolder()
  const { coordinator } = await aCoordinatorWithRuns(folder)
  const before = await coordinator.get(listRuns, {}, { limit: 200 })

  const made = await firewatch(folder, ['backup', 'saved'])
  expect(made.stderr).toBe('')
  expect(made.stdout).toMatch(
    /^backup of 0 incidents, 20 runs and 1 artifacts \(database \d+ MiB\) in saved\n$/,
  )
  await coordinator.stop()

  const elsewhere = join(folder, 'elsewhere')
  const restored = await firewatch(folder, ['restore', 'saved'], { FIREWATCH_DATA: elsewhere })
  expect(restored.stderr).toBe('')
  expect(restored.code).toBe(0)
  expect(await readFile(join(elsewhere, 'artifacts/ab/run/failure.png'), 'utf8')).toBe('a picture')
  expect(readdirSync(elsewhere).toSorted()).toEqual(['artifacts', 'firewatch.db'])

  const again = await startCoordinator({
    database: { sqliteFile: join(elsewhere, 'firewatch.db') },
    clock: systemClock,
  })
  expect(before.data).toHaveLength(20)
  expect(await again.get(listRuns, {}, { limit: 200 })).toEqual(before)
})

test('a restore touches no database that is there, and takes no backup that is cut off or changed', async () => {
  const folder = await tempFolder()
  const { data } = await aCoordinatorWithRuns(folder)
  expect((await firewatch(folder, ['backup', 'saved'])).code).toBe(0)

  const onto = await firewatch(folder, ['restore', 'saved'])
  expect(onto.code).toBe(2)
  expect(onto.stderr).toContain(
    `there is a database in ${data}; stop the coordinator and move it away`,
  )

  const elsewhere = { FIREWATCH_DATA: join(folder, 'elsewhere') }
  const database = join(folder, 'saved/firewatch.db')
  const bytes = await readFile(database)
  await writeFile(database, bytes.subarray(0, bytes.length - 4096))
  const changed = await firewatch(folder, ['restore', 'saved'], elsewhere)
  expect(changed.code).toBe(2)
  expect(changed.stderr).toContain('is not what it was when the backup was made')

  await mkdir(join(folder, 'half'))
  await writeFile(join(folder, 'half/firewatch.db'), bytes)
  const half = await firewatch(folder, ['restore', 'half'], elsewhere)
  expect(half.stderr).toContain('has no backup.json: it is no whole backup')
  expect(existsSync(elsewhere.FIREWATCH_DATA)).toBe(false)
})

test('what cannot be backed up says what to do instead', async () => {
  const folder = await tempFolder()
  const nothing = await firewatch(folder, ['backup', 'saved'])
  expect(nothing.code).toBe(2)
  expect(nothing.stderr).toContain(`there is no firewatch.db in ${join(folder, 'data')}`)

  await aCoordinatorWithRuns(folder)
  await mkdir(join(folder, 'saved'))
  await writeFile(join(folder, 'saved/mine'), 'x')
  const full = await firewatch(folder, ['backup', 'saved'])
  expect(full.stderr).toContain('is not empty; name a folder that does not exist yet')

  const postgres = await firewatch(folder, ['backup', 'other'], {
    DATABASE_URL: 'postgres://user:secret@localhost/db',
  })
  expect(postgres.stderr).toContain('use pg_dump and pg_restore')
  expect(postgres.stderr).not.toContain('secret')
})
