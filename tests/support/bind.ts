import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { freePort } from './http-target.ts'
import { tempFolder } from './temp-folder.ts'
import { until } from './until.ts'

const run = promisify(execFile)
const NAMED = '/usr/sbin/named'
const DIG = '/usr/bin/dig'

/** Whether BIND is there: the Debian packages `bind9` and `bind9-dnsutils`. */
export const hasBind = existsSync(NAMED) && existsSync(DIG)

export type Bind = {
  /** `127.0.0.1:49152`. */
  host: string
  /** What `dig` prints for the question, a line each. */
  dig(name: string, type: string): Promise<string[]>
}

/** A real name server that is responsible for a zone; gone when the test is over. */
export async function bindServing(zone: string, records: string): Promise<Bind> {
  const folder = await tempFolder()
  const port = await freePort()
  await writeFile(join(folder, 'zone'), records)
  await writeFile(
    join(folder, 'named.conf'),
    `options {
      directory "${folder}"; pid-file none; session-keyfile none; recursion no; notify no; dnssec-validation no;
      listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; minimal-responses no;
    };
    controls {};
    zone "${zone}" { type primary; file "zone"; check-names ignore; };`,
  )
  const said: string[] = []
  const server = spawn(NAMED, ['-g', '-n', '1', '-c', join(folder, 'named.conf')])
  server.stderr.on('data', (chunk: Buffer) => void said.push(chunk.toString()))
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  onTestFinished(async () => {
    server.kill('SIGTERM')
    await exited
  })

  const dig = async (name: string, type: string): Promise<string[]> => {
    const options = ['@127.0.0.1', '-p', String(port), '+short', '+nosplit', '+time=1', '+tries=2']
    const { stdout } = await run(DIG, [...options, name, type])
    return stdout.split('\n').filter((line) => line !== '')
  }
  await until(
    'named answers for its zone',
    async () => {
      if (server.exitCode !== null) throw new Error(said.join(''))
      const answered = await dig(zone, 'SOA').catch(() => [])
      if (answered.length === 0) throw new Error(said.slice(-20).join(''))
      return true
    },
    { withinMs: 15_000 },
  )
  return { host: `127.0.0.1:${port}`, dig }
}
