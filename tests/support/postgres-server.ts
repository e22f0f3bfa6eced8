import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { PostgresSaid } from './postgres-process.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the PostgreSQL server, without a database: `postgres://user:password@host:port`. */
    postgresUrl: string
  }
}

/** Starts one real PostgreSQL for all test files; each test makes a database of its own in it. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const server = fork(join(import.meta.dirname, 'postgres-process.ts'))
  const [said] = (await once(server, 'message')) as [PostgresSaid]
  if ('problem' in said) throw new Error(`PostgreSQL did not start:\n${said.problem}`)
  project.provide('postgresUrl', said.url)
  return async () => {
    const exited = once(server, 'exit')
    server.disconnect()
    await exited
  }
}
