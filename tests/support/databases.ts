import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import type { StoreLocation } from '../../src/coordinator/store/store.ts'
import { tempFolder } from './temp-folder.ts'

/** Everything that a test proves on one database, it proves on both. */
export const DATABASES = ['sqlite', 'postgres'] as const

export type Database = (typeof DATABASES)[number]

/** A fresh, empty database, gone when the test is over. */
export async function freshDatabase(kind: Database): Promise<StoreLocation> {
  if (kind === 'sqlite') return { sqliteFile: join(await tempFolder(), 'firewatch.db') }
  const server = inject('postgresUrl')
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(server, `create database ${name}`)
  onTestFinished(() => onServer(server, `drop database ${name} with (force)`))
  return { postgresUrl: `${server}/${name}` }
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${server}/postgres` })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
