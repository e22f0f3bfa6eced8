import { type ChildProcess, type ForkOptions, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Longest wait for a message of a child. */
const MESSAGE_MS_MAX = 180_000

const children = new Set<ChildProcess>()

function track(child: ChildProcess): ChildProcess {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/**
 * Starts one of a bench's own programs, which talks by messages.
 *
 * @param file absolute.
 */
export const startProgram = (
  file: string,
  args: readonly string[] = [],
  options: ForkOptions = {},
): ChildProcess => track(fork(file, args, options))

export const startCommand = (
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ChildProcess =>
  track(spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment }))

/** The next message of a child that `accept` takes; rejects with what `accept` throws. */
export async function nextMessage<T>(
  child: ChildProcess,
  accept: (message: unknown) => T | undefined,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(
    () => reject(new Error(`no message within ${MESSAGE_MS_MAX} ms`)),
    MESSAGE_MS_MAX,
  )
  const onExit = () => reject(new Error('the child has ended'))
  const listener = (message: unknown) => {
    try {
      const accepted = accept(message)
      if (accepted !== undefined) resolve(accepted)
    } catch (error) {
      reject(error)
    }
  }
  child.on('message', listener)
  child.once('exit', onExit)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    child.off('message', listener)
    child.off('exit', onExit)
  }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

export async function stopAll(): Promise<void> {
  await Promise.all([...children].map(stopChild))
}

/** Keeps every processor busy until it is stopped. */
export function startHogs(count: number): { stop(): Promise<void> } {
  const hogs = Array.from({ length: count }, () =>
    startCommand(process.execPath, ['-e', 'for (;;);']),
  )
  return { stop: async () => void (await Promise.all(hogs.map(stopChild))) }
}

const TICK_MS = 10

/** Processor time that a process and its threads have used so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Memory of a process that nobody else shares, and all that it has, in MiB. */
export function memoryMib(pid: number): { pss: number; rss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1])
  return { pss: kib('Pss') / 1024, rss: kib('Rss') / 1024 }
}
