import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { serveRuns } from './contestant-process.ts'

/** A run that takes longer than this hangs. */
const RUN_MS_MAX = 60_000
const SAID_LENGTH_MAX = 4_000

/** What `variant` holds: a command that starts a browser, does one run, and ends. */
export type Command = {
  file: string
  args: readonly string[]
  folder: string
  environment: Record<string, string>
}

/** The way without a warm browser: each run is a command of its own. */
serveRuns(async ({ variant = '' }) => {
  const { file, args, folder, environment } = JSON.parse(variant) as Command
  return {
    async run() {
      const child = spawn(file, args, {
        cwd: folder,
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: RUN_MS_MAX,
        killSignal: 'SIGKILL',
      })
      let said = ''
      const listen = (text: Buffer) => {
        said = (said + text.toString()).slice(-SAID_LENGTH_MAX)
      }
      child.stdout.on('data', listen)
      child.stderr.on('data', listen)
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`it ended with ${code}: ${said}`)
    },
    stop: async () => undefined,
  }
})
