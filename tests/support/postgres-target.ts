import { randomBytes } from 'node:crypto'
import { chmod, chown, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { anAuthority, type Issued, issue, keyPair } from './tls-target.ts'
import { until } from './until.ts'

export type PostgresTarget = {
  port: number
  /** Of everybody who logs in with one. */
  password: string
  /** Whose certificate of `shop.test` the server shows. */
  authority: Issued
  /** A role of its own, which logs in by this way. */
  role(name: string): string
  /** As somebody who may do everything. */
  client: pg.Client
  folder: string
}

const WAYS = ['trust', 'md5', 'scram-sha-256', 'password', 'reject'] as const

/**
 * The one real server of all tests, with TLS, and with roles that log in by each way that a probe knows.
 * What others see of it stays as it was.
 */
export async function postgresTarget(): Promise<PostgresTarget> {
  const url = new URL(inject('postgresUrl'))
  const client = new pg.Client({ connectionString: `${url.href}/postgres` })
  await client.connect()
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
  const folder = rows[0]?.data_directory ?? ''
  const own = randomBytes(4).toString('hex')
  const password = randomBytes(12).toString('hex')
  const role = (name: string) => `probe_${own}_${name.replaceAll('-', '_')}`
  for (const way of WAYS) {
    const kept = way === 'md5' ? 'md5' : 'scram-sha-256'
    await client.query(`SET password_encryption = '${kept}'`)
    await client.query(`CREATE ROLE ${role(way)} LOGIN PASSWORD '${password}'`)
  }
  await client.query(`CREATE ROLE ${role('replication')} LOGIN REPLICATION`)
  const authority = await anAuthority()
  const tls = await keyPair(await issue({ issuer: authority }))
  await writeAs(folder, 'server.crt', tls.cert)
  await writeAs(folder, 'server.key', tls.key)
  const rules = WAYS.map((way) => `host all ${role(way)} 127.0.0.1/32 ${way}\n`)
  rules.push(`host replication ${role('replication')} 127.0.0.1/32 trust\n`)
  const file = join(folder, 'pg_hba.conf')
  await writeFile(file, `${rules.join('')}${await readFile(file, 'utf8')}`)
  await client.query('ALTER SYSTEM SET ssl = on')
  await client.query('SELECT pg_reload_conf()')
  await until('the server has TLS', async () => {
    const answer = await client.query<{ ssl: string }>('SHOW ssl')
    return answer.rows[0]?.ssl === 'on'
  })
  return { port: Number(url.port), password, authority, role, client, folder }
}

/** A file of the server's own user, which is not the one of the tests where these run as root. */
async function writeAs(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name)
  await writeFile(file, text)
  const { uid, gid } = await stat(folder)
  await chown(file, uid, gid)
  await chmod(file, 0o600)
}
