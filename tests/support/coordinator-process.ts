import { once } from 'node:events'
import { join } from 'node:path'
import { preferPort } from '../../src/demo/prefer-port.ts'
import { PROJECT, type RunningCommand, startFirewatch } from './command.ts'
import { type Database, freshDatabase } from './databases.ts'
import { tempFolder } from './temp-folder.ts'
import { until } from './until.ts'

/** A coordinator as a process of its own, which a test kills and starts again at the same place. */
export type CoordinatorProcess = {
  url: string
  token: string
  start(): Promise<void>
  /** `kill -9`. */
  kill(): Promise<void>
  /** Waits until it has died by itself, as with a failpoint in its environment. */
  died(): Promise<void>
}

const TOKEN = 'a-token-for-tests-only'

export type CoordinatorProcessOptions = {
  /** Folder of its definitions; this project's when absent. */
  definitions?: string
  /** More variables; asked for at each start. */
  environment?: () => Record<string, string | undefined>
}

export async function coordinatorProcess(
  database: Database,
  { definitions = PROJECT, environment }: CoordinatorProcessOptions = {},
): Promise<CoordinatorProcess> {
  const location = await freshDatabase(database)
  const folder = await tempFolder()
  const port = await preferPort(0)
  const url = `http://127.0.0.1:${port}`
  let running: RunningCommand | undefined
  return {
    url,
    token: TOKEN,
    async start() {
      running = startFirewatch(['coordinator'], {
        folder,
        environment: {
          FIREWATCH_DIR: definitions,
          FIREWATCH_DATA: join(folder, 'data'),
          FIREWATCH_PORT: String(port),
          FIREWATCH_PROBE_TOKEN: TOKEN,
          FIREWATCH_LOG_LEVEL: 'error',
          DATABASE_URL: 'postgresUrl' in location ? location.postgresUrl : undefined,
          ...environment?.(),
        },
      })
      const { process: child, stderr } = running
      await until(
        'the coordinator is ready',
        async () => {
          if (child.exitCode !== null) throw new Error(stderr())
          return (await fetch(`${url}/readyz`)).ok
        },
        { withinMs: 20_000 },
      )
    },
    async died() {
      const child = running?.process
      if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    async kill() {
      const child = running?.process
      if (!child || child.exitCode !== null) return
      child.kill('SIGKILL')
      if (child.signalCode === null) await once(child, 'exit')
    },
  }
}
