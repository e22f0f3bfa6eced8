import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { within } from './deadline.ts'
import type { Environment } from './environment.ts'

/** Time for an orderly stop; then the process is killed. */
const STOP_MS = 4_000

/** Pause before a process that ended by itself is started again. */
const RESTART_AFTER_MS = 1_000

export type SupervisedOptions = {
  command: string
  arguments: string[]
  environment: Environment
  folder: string
  /** Aborts when everything stops: from then on what ends stays ended. */
  stopSignal: AbortSignal
  /** Where stdout and stderr go. */
  logFile: string
  onMessage?(message: unknown): void
  /** It ended by itself; it is started again soon. */
  onExit?(reason: string): void
}

/**
 * A child process that is kept running.
 *
 * States: running → (ended by itself → waiting → running)… → stopping → stopped. The child has an
 * IPC channel: when we die without stopping it, the channel closes, which tells it to stop.
 */
export class SupervisedProcess {
  readonly #options: SupervisedOptions
  #child: ChildProcess | undefined
  #restart: NodeJS.Timeout | undefined
  #isStopping = false

  constructor(options: SupervisedOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const { command, environment, folder, logFile } = this.#options
    const log = openSync(logFile, 'a')
    const child = spawn(command, this.#options.arguments, {
      cwd: folder,
      env: environment as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    this.#child = child
    child.on('message', (message) => this.#options.onMessage?.(message))
    child.on('error', (error) => this.#options.onExit?.(error.message))
    child.on('exit', (code, signal) => this.#ended(signal ?? `exit code ${code}`))
  }

  #ended(reason: string): void {
    const { stopSignal, onExit } = this.#options
    if (this.#isStopping || stopSignal.aborted) return
    onExit?.(reason)
    // Ctrl-C reaches the whole process group: the child may have ended by it before we hear of it.
    this.#restart = setTimeout(() => {
      if (!stopSignal.aborted) this.start()
    }, RESTART_AFTER_MS)
  }

  /** Asks it to stop, and kills it when it does not within {@link STOP_MS}. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#restart)
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise<true>((resolve) => child.once('exit', () => resolve(true)))
    child.kill('SIGTERM')
    if (await within(STOP_MS, exited)) return
    child.kill('SIGKILL')
    await exited
  }
}
