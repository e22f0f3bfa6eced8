import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export const PROJECT = join(import.meta.dirname, '../..')
const MAIN = join(PROJECT, 'src/cli/main.ts')

/** Longest output kept of a command. */
const OUTPUT_MAX = 1_000_000

export type RunningCommand = {
  process: ChildProcess
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Its exit code, or the signal that ended it. */
  exited: Promise<number | string>
}

export type CommandOptions = { folder: string; environment?: Record<string, string | undefined> }

/** Starts `firewatch …` as a process of its own; killed when the test ends, if it still runs. */
export function startFirewatch(
  commandArguments: string[],
  options: CommandOptions,
): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...commandArguments], {
    cwd: options.folder,
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      // Most tests are not about who may come in; those that are say `required`.
      FIREWATCH_SIGN_IN: 'off',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] = (printed[stream] + text).slice(-OUTPUT_MAX)
    })
  const exited = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string)
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  })
  return { process: child, stdout: () => printed.stdout, stderr: () => printed.stderr, exited }
}

/** Runs `firewatch …` to its end. */
export async function runFirewatch(
  commandArguments: string[],
  options: CommandOptions,
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const command = startFirewatch(commandArguments, options)
  const code = await command.exited
  return { code, stdout: command.stdout(), stderr: command.stderr() }
}
