import { fork } from 'node:child_process'
import { once } from 'node:events'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Problem, sortProblems } from '../definitions/problem.ts'
import { isTestFile } from '../protocol/kinds/journey.ts'
import { within } from '../runtime/deadline.ts'
import type { Environment } from '../runtime/environment.ts'
import { makeHostFolder, removeHostFolder } from './journey/host-folder.ts'
import { groupGone, killGroup } from './journey/process-group.ts'

/** What the process that loads is told, and what it says. */
export type TryOrder = { file: string; probesFolder: string }
export type TriedFile = {
  file: string
  /** With absolute paths; none when the file can be run. */
  problems: Problem[]
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

const program = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const FOR_JOURNEYS = program('./journey/host/try-process.ts')
const FOR_TEST_FILES = program('./journey/test-file/try-process.ts')

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
  options: TryOptions,
): Promise<Problem[]> {
  const { folder } = options
  const all = [...new Set(files)]
  const problems = [
    ...(await tryWith(
      FOR_JOURNEYS,
      all.filter((file) => !isTestFile(file)),
      options,
    )),
    ...(await tryWith(FOR_TEST_FILES, all.filter(isTestFile), options)),
  ]
  // Several journeys may import the same broken file.
  return sortProblems(
    problems.map((problem) => ({ ...problem, file: seenFrom(folder, problem.file) })),
  )
}

async function tryWith(
  program: string,
  files: readonly string[],
  { folder, environment, loadMs = LOAD_MS }: TryOptions,
): Promise<Problem[]> {
  const waiting = [...files]
  const probesFolder = resolve(folder, 'probes')
  const problems: Problem[] = []
  const count = Math.min(PROCESSES_MAX, Math.ceil(waiting.length / FILES_PER_PROCESS_MIN))
  async function work(): Promise<void> {
    let child: LoadingProcess | undefined
    try {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        child ??= startLoading(program, environment)
        const end = await child.load({ file: resolve(folder, file), probesFolder }, loadMs)
        if (end.kind !== 'tried') {
          await child.stop()
          child = undefined
        }
        problems.push(...problemsOf(end, file, loadMs))
      }
    } finally {
      await child?.stop()
    }
  }
  await Promise.all(Array.from({ length: count }, work))
  return problems
}

type LoadEnd =
  | { kind: 'tried'; problems: Problem[] }
  | { kind: 'ended'; how: string }
  | { kind: 'hangs' }

type LoadingProcess = {
  load(order: TryOrder, loadMs: number): Promise<LoadEnd>
  stop(): Promise<void>
}

function startLoading(program: string, environment: Environment): LoadingProcess {
  const folder = makeHostFolder()
  const child = fork(program, [folder], {
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
    async load(order, loadMs) {
      const tried = Promise.withResolvers<LoadEnd>()
      const hear = ({ file, problems }: TriedFile) => {
        if (file === order.file) tried.resolve({ kind: 'tried', problems })
      }
      child.on('message', hear)
      child.send(order, () => undefined)
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

function problemsOf(end: LoadEnd, file: string, loadMs: number): Problem[] {
  const place = { file, line: 1, column: 1 }
  switch (end.kind) {
    case 'tried':
      return end.problems
    case 'ended':
      return [
        {
          ...place,
          message: `loading this file ended the process (${/^\d+$/.test(end.how) ? `exit code ${end.how}` : end.how})`,
          expected: 'a file that only describes a journey, without process.exit()',
        },
      ]
    case 'hangs':
      return [
        {
          ...place,
          message: `loading this file did not end within ${loadMs / 1_000} s`,
          expected: 'a file that only describes a journey; what waits belongs into it',
        },
      ]
  }
}

const seenFrom = (folder: string, file: string) =>
  (isAbsolute(file) ? relative(resolve(folder), file) : file).replaceAll(sep, '/')
