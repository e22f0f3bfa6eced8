import { fork } from 'node:child_process'
import { once } from 'node:events'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Problem, sortProblems } from '../definitions/problem.ts'
import { within } from '../runtime/deadline.ts'
import type { Environment } from '../runtime/environment.ts'
import { makeHostFolder, removeHostFolder } from './journey/host-folder.ts'
import { groupGone, killGroup } from './journey/process-group.ts'

/** What the process that loads is told, and what it says. */
export type TryOrder = { file: string }
export type TriedFile = {
  file: string
  /** With an absolute path; absent when the file is a journey. */
  problem?: Problem
}

/** Loading takes tens of milliseconds; what needs longer than this waits for something. */
const LOAD_MS = 10_000
/** Processes at a time. */
const PROCESSES_MAX = 2
/** Files that one process loads at least: starting one takes longer than loading several. */
const FILES_PER_PROCESS_MIN = 5
const HEAP_MB_MAX = 512
/** Killed processes are gone in milliseconds. */
const GONE_MS = 1_000

const PROGRAM = fileURLToPath(new URL('./journey/host/try-process.ts', import.meta.url))

/** The only variables that journeys see, as when they run. */
const ENVIRONMENT = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'NODE_EXTRA_CA_CERTS']

export type TryOptions = {
  /** Problems name files as seen from here. */
  folder: string
  environment: Environment
  /** Limit for one file. */
  loadMs?: number
}

/**
 * Loads journeys and says what is wrong with each, without running any. Several are loaded by one
 * process; a file that ends it or does not come to an end is said so, and the next gets a fresh one.
 *
 * @param files relative to the folder.
 */
export async function tryJourneys(
  files: readonly string[],
  { folder, environment, loadMs = LOAD_MS }: TryOptions,
): Promise<Problem[]> {
  const waiting = [...new Set(files)]
  const problems: Problem[] = []
  const count = Math.min(PROCESSES_MAX, Math.ceil(waiting.length / FILES_PER_PROCESS_MIN))
  async function work(): Promise<void> {
    let child: LoadingProcess | undefined
    try {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        child ??= startLoading(environment)
        const end = await child.load(resolve(folder, file), loadMs)
        if (end.kind !== 'tried') {
          await child.stop()
          child = undefined
        }
        const problem = problemOf(end, file, loadMs)
        if (problem) problems.push(problem)
      }
    } finally {
      await child?.stop()
    }
  }
  await Promise.all(Array.from({ length: count }, work))
  // Several journeys may import the same broken file.
  return sortProblems(
    problems.map((problem) => ({ ...problem, file: seenFrom(folder, problem.file) })),
  )
}

type LoadEnd =
  | { kind: 'tried'; problem: Problem | undefined }
  | { kind: 'ended'; how: string }
  | { kind: 'hangs' }

type LoadingProcess = {
  load(file: string, loadMs: number): Promise<LoadEnd>
  stop(): Promise<void>
}

function startLoading(environment: Environment): LoadingProcess {
  const folder = makeHostFolder()
  const child = fork(PROGRAM, [folder], {
    // What it starts is in its group, and ends with it.
    detached: true,
    env: {
      ...Object.fromEntries(ENVIRONMENT.map((name) => [name, environment[name]])),
      TMPDIR: join(folder, 'tmp'),
    },
    execArgv: [`--max-old-space-size=${HEAP_MB_MAX}`],
    // What a journey prints when it is loaded is in nobody's interest. Descriptor 4: its end tells
    // the process that we are gone, as for a journey host.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
  })
  const exited = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
  return {
    async load(file, loadMs) {
      const tried = Promise.withResolvers<LoadEnd>()
      const hear = ({ file: of, problem }: TriedFile) => {
        if (of === file) tried.resolve({ kind: 'tried', problem })
      }
      child.on('message', hear)
      child.send({ file } satisfies TryOrder, () => undefined)
      const ended = exited.then((how) => ({ kind: 'ended' as const, how }))
      const end = await within(loadMs, Promise.race([tried.promise, ended]))
      child.off('message', hear)
      return end ?? { kind: 'hangs' }
    },
    async stop() {
      if (child.pid !== undefined) {
        killGroup(child.pid)
        await within(GONE_MS, exited)
        await groupGone(child.pid, GONE_MS)
      }
      child.stdio[4]?.destroy()
      await removeHostFolder(folder)
    },
  }
}

function problemOf(end: LoadEnd, file: string, loadMs: number): Problem | undefined {
  const place = { file, line: 1, column: 1 }
  switch (end.kind) {
    case 'tried':
      return end.problem
    case 'ended':
      return {
        ...place,
        message: `loading this file ended the process (${/^\d+$/.test(end.how) ? `exit code ${end.how}` : end.how})`,
        expected: 'a file that only describes a journey, without process.exit()',
      }
    case 'hangs':
      return {
        ...place,
        message: `loading this file did not end within ${loadMs / 1_000} s`,
        expected: 'a file that only describes a journey; what waits belongs into it',
      }
  }
}

const seenFrom = (folder: string, file: string) =>
  (isAbsolute(file) ? relative(resolve(folder), file) : file).replaceAll(sep, '/')
