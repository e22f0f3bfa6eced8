import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../base/clock.ts'
import { within } from '../../runtime/deadline.ts'
import type { Environment } from '../../runtime/environment.ts'
import type { Logger } from '../../runtime/logger.ts'
import { CheckError } from '../checks/check-runner.ts'
import { hostTemp, makeHostFolder, removeHostFolder } from './host-folder.ts'
import { type HostLimits, type HostWear, kernelBytesMax } from './host-limits.ts'
import { HostProcesses } from './host-processes.ts'
import type { RunEnd, RunPhase } from './judge-run-end.ts'
import type { MemoryGroup, MemoryGroups } from './memory-groups.ts'
import {
  clip,
  evidenceMs,
  HostMessage,
  type HostOrder,
  RECORDING_MS_MAX,
  type RunOrder,
  type StartOrder,
  WORKERS_MS_MAX,
} from './messages.ts'
import { groupGone, isDescendantOf, killGroup } from './process-group.ts'
import { type Excess, type ResourceWatch, watchResources } from './watch-resources.ts'

/**
 * One journey host, as its supervisor sees it: a child process in a group of its own, and its
 * browser, which Playwright puts into another group.
 *
 * States:
 * - `starting`: the process exists, its browser is being started. Becomes `ready`, or `stopping`
 *   when it says that it cannot or does not say anything within START_MS.
 * - `ready`: warm and idle. `run()` makes it `running`.
 * - `running`: from the order until the host has cleared everything away (`idle`), which makes it
 *   `ready`. The run's end is known earlier than that. Each phase of a run has its own limit; who
 *   does not keep it is killed.
 * - `stopping`: killed by us, or ended by itself; what is left of it is being removed.
 * - `dead`: no process and no file of it is left. Final.
 *
 * Only this class changes the state; the host's messages are heard, not obeyed.
 */
export type HostState = 'starting' | 'ready' | 'running' | 'stopping' | 'dead'

/** Node and a browser start in half a second; on a machine under full load in several. */
export const START_MS = 20_000
const LOAD_MS = 10_000
/** A test file is compiled with all that it imports. */
const TEST_FILE_LOAD_MS = 20_000
const PREPARE_MS = 10_000
/** The host itself notices the deadline at once, unless the journey's code does not let it. */
const NOTICE_MS = 800
/** After the deadline: one screenshot, the last words of what hung, and the message itself. */
const GRACE_MS = 950
/** After a journey that ended by itself, besides what evidence takes: closing, where that comes first. */
const ENDED_MS = 4_000
const CLEAR_MS = 600
const EXIT_MS = 1_000
/** Killed processes are gone in milliseconds; as zombies they stay for as long as PID 1 likes. */
const GROUP_GONE_MS = 250
const KILL_AGAIN_MS = 10
/** A journey that needs more has a leak; then the process ends, and the run says so. */
const HEAP_MB_MAX = 512
const LAST_WORDS_LENGTH_MAX = 4_000

/** What a browser with a window needs. */
const DISPLAY = ['DISPLAY', 'XAUTHORITY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR']

/** The only variables that journeys see: never the probe's token. */
const ENVIRONMENT = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  ...DISPLAY,
  'PLAYWRIGHT_BROWSERS_PATH',
]

/** What the child runs: journeys in our own form, one after the other, or one file of Playwright Test. */
const PROGRAMS = {
  journeys: './host/host-process.ts',
  'test-file': './test-file/test-file-process.ts',
}
export type HostProgram = keyof typeof PROGRAMS

export type HostParts = {
  program: HostProgram
  browser: Omit<StartOrder, 'kind' | 'folder'>
  environment: Environment
  limits: HostLimits
  /** The kernel's own limits of memory, where they can be had. */
  memoryGroups?: MemoryGroups | undefined
  clock: Clock
  logger: Logger
}

type ActiveRun = {
  order: RunOrder
  phase: RunPhase
  startedAt: number
  hear(message: HostMessage): void
  end(end: RunEnd): void
  isEnded: boolean
}

export class JourneyHost {
  #state: HostState = 'starting'
  readonly #child: ChildProcess
  readonly #folder = makeHostFolder()
  readonly #groups = new Set<number>()
  readonly #processes: HostProcesses | undefined
  readonly #watch: ResourceWatch | undefined
  readonly #group: MemoryGroup | undefined
  readonly #ready = Promise.withResolvers<void>()
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #startedAt: number
  #lastWords = ''
  #limit: NodeJS.Timeout | undefined
  #run: ActiveRun | undefined
  #cleared = Promise.withResolvers<void>()
  #dead: Promise<void> | undefined
  #unfit: string | undefined
  #runs = 0

  constructor({ program, browser, environment, limits, clock, logger, ...parts }: HostParts) {
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    this.#logger = logger
    this.#child = fork(fileURLToPath(new URL(PROGRAMS[program], import.meta.url)), {
      detached: true,
      execArgv: [`--max-old-space-size=${HEAP_MB_MAX}`, '--disable-warning=ExperimentalWarning'],
      env: {
        ...allowed(environment),
        TMPDIR: hostTemp(this.#folder),
        // Playwright reads it when it is loaded, before any order comes.
        ...(browser.isDebugged && { PWDEBUG: '1' }),
      },
      // Descriptor 4: its end tells the host that we are gone; see host/watchdog.ts.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    })
    const leader = this.#child.pid
    if (leader !== undefined) {
      // Before it starts anything, which it does only when it is told to.
      this.#group = parts.memoryGroups?.create(kernelBytesMax(limits))
      this.#group?.add(leader)
      const processes = new HostProcesses(leader, this.#folder)
      processes.passOverPresent()
      this.#processes = processes
      this.#watch = watchResources({
        processes,
        leader,
        group: this.#group,
        limits,
        clock,
        folders: () => this.#writtenFolders(),
        onExcess: (excess) => this.#tookTooMuch(excess),
        onTrouble: (error) => logger.warn({ error }, 'a journey host cannot be measured'),
      })
    }
    // Nobody may wait for it; `ready()` still rejects for those who do.
    this.#ready.promise.catch(() => undefined)
    this.#listen()
    this.#limitTo(START_MS, () =>
      this.#failStart(`the browser did not start within ${START_MS} ms`),
    )
    this.#send({ kind: 'start', folder: this.#folder, ...browser })
  }

  get state(): HostState {
    return this.#state
  }

  /** Runs done and under way. */
  get runs(): number {
    return this.#runs
  }

  /** Why it should do no further run; undefined when it may. */
  get unfit(): string | undefined {
    return this.#unfit
  }

  /** How far it is worn, to decide whether it may do another run. */
  async wear(): Promise<HostWear> {
    const memoryBytes = await this.#watch?.memoryBytes()
    const ageMs = this.#clock.monotonic() - this.#startedAt
    const strays = this.#processes?.strays() ?? []
    return { unfit: this.#unfit, strays, runs: this.#runs, ageMs, memoryBytes }
  }

  /** @throws {CheckError} `probe.browser_crashed` when the browser does not start. */
  ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Resolves when the run is over and the host can be asked what it is fit for. */
  cleared(): Promise<void> {
    return this.#cleared.promise
  }

  /** Carries out one run. Resolves with its end, whatever the host does; never rejects. */
  run(order: RunOrder, hear: (message: HostMessage) => void): Promise<RunEnd> {
    if (this.#state !== 'ready')
      return Promise.resolve({ kind: 'exited', code: null, signal: this.#state, lastWords: '' })
    this.#state = 'running'
    this.#runs++
    this.#watch?.setBusy(true)
    this.#cleared = Promise.withResolvers()
    const ended = Promise.withResolvers<RunEnd>()
    const run: ActiveRun = {
      order,
      phase: 'loading',
      startedAt: this.#clock.monotonic(),
      hear,
      isEnded: false,
      end(end) {
        run.isEnded = true
        ended.resolve(end)
      },
    }
    this.#run = run
    this.#enter(run, 'loading', order.testFile ? TEST_FILE_LOAD_MS : LOAD_MS)
    this.#send(order)
    return ended.promise
  }

  /** Gives up the run under way and everything else. */
  stop(): Promise<void> {
    this.#run?.end({ kind: 'interrupted' })
    return this.#kill()
  }

  #listen(): void {
    const child = this.#child
    child.on('message', (message) => this.#hear(message))
    child.on('error', (error) => this.#failStart(`the journey's process: ${error.message}`))
    child.on('exit', (code, signal) => void this.#exited(code, signal))
    const stderr = child.stderr as Readable
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_LENGTH_MAX)
    })
    const pipe = child.stdio[4] as Writable
    // It breaks when the host dies, which `exit` tells as well.
    pipe.on('error', () => pipe.destroy())
  }

  #send(order: HostOrder): void {
    // A host that is gone does not answer, and its exit or its limit says so.
    this.#child.send(order, () => undefined)
  }

  #hear(received: unknown): void {
    const parsed = HostMessage.safeParse(received)
    if (!parsed.success) {
      this.#unfit ??= 'it sent a message that has no known form'
      return
    }
    const message = parsed.data
    if ('runId' in message) this.#hearOfRun(message)
    else if (message.kind === 'spawned') this.#remember(message.pid)
    else if (message.kind === 'unfit') this.#unfit ??= message.why
    else if (message.kind === 'start_failed') this.#failStart(message.message)
    else if (this.#state === 'starting') {
      clearTimeout(this.#limit)
      this.#state = 'ready'
      this.#processes?.settle()
      this.#watch?.setBusy(false)
      this.#ready.resolve()
    }
  }

  #remember(pid: number): void {
    // Playwright and Node's `detached` both make the new process the leader of its group.
    if (this.#child.pid !== undefined && isDescendantOf(pid, this.#child.pid)) this.#groups.add(pid)
  }

  #hearOfRun(message: Extract<HostMessage, { runId: string }>): void {
    const run = this.#run
    if (!run || message.runId !== run.order.runId) return
    if (message.kind === 'idle') this.#becomeIdle(run)
    if (message.kind === 'idle' || run.isEnded) return
    if (message.kind === 'loaded') this.#enter(run, 'preparing', PREPARE_MS)
    if (message.kind === 'started') {
      run.startedAt = this.#clock.monotonic()
      // The workers of a test file start within its run, which keeps their time out of its own.
      const workersMs = run.order.testFile ? WORKERS_MS_MAX : 0
      this.#enter(run, 'running', run.order.timeoutMs + NOTICE_MS + workersMs)
    }
    if (message.kind === 'pause' && run.phase === 'running') this.#pause(run, message)
    if (message.kind === 'ended') this.#enter(run, 'ended', ENDED_MS + evidenceMs(run.order))
    if (message.kind === 'deadline') this.#enter(run, 'wrapping_up', this.#graceMs(run))
    run.hear(message)
    if (message.kind !== 'finished') return
    const killed = message.error && this.#watch?.killed()
    if (killed) {
      this.#tookTooMuch(killed)
      return
    }
    const stopped = message.error?.type === 'timeout' && this.#processes?.stopped()
    if (stopped) {
      run.end({ kind: 'stopped', who: stopped })
      this.#violated(`its ${stopped} was stopped by a signal`)
      return
    }
    run.end({ kind: 'finished', error: message.error })
    this.#limitTo(CLEAR_MS, () => this.#violated('it did not clear away its run'))
  }

  /** The time that evidence takes is none of the journey's, up to what it may take. */
  #pause(run: ActiveRun, { isPaused, pausedMs }: { isPaused: boolean; pausedMs: number }): void {
    const mostMs = evidenceMs(run.order)
    const addedMs = isPaused ? mostMs : Math.min(pausedMs, mostMs)
    const usedMs = this.#clock.monotonic() - run.startedAt
    this.#enter(run, 'running', Math.max(0, run.order.timeoutMs + addedMs + NOTICE_MS - usedMs))
  }

  #graceMs({ order }: ActiveRun): number {
    return GRACE_MS + (order.recording ? RECORDING_MS_MAX : 0)
  }

  #becomeIdle(run: ActiveRun): void {
    if (!run.isEnded) {
      this.#violated('it said that a run was over which had no end')
      return
    }
    clearTimeout(this.#limit)
    this.#run = undefined
    this.#watch?.setBusy(false)
    if (this.#state === 'running') this.#state = 'ready'
    this.#cleared.resolve()
  }

  #enter(run: ActiveRun, phase: RunPhase, limitMs: number): void {
    run.phase = phase
    this.#limitTo(limitMs, () => {
      const shownMs = run.phase === 'loading' || run.phase === 'preparing' ? limitMs : undefined
      const stopped = this.#processes?.stopped()
      if (stopped) run.end({ kind: 'stopped', who: stopped })
      else run.end({ kind: 'overrun', phase: run.phase, limitMs: shownMs ?? run.order.timeoutMs })
      this.#violated(`it did not keep the limit of ${Math.round(limitMs)} ms while ${run.phase}`)
    })
  }

  /** One limit at a time: each phase replaces the one before. */
  #limitTo(ms: number, passed: () => void): void {
    clearTimeout(this.#limit)
    const limit = setTimeout(() => {
      // When it is this process that was held up, the message that we wait for is already here:
      // it is read before `setImmediate`, and moves the limit.
      setImmediate(() => {
        if (this.#limit === limit) passed()
      })
    }, ms)
    this.#limit = limit
  }

  #writtenFolders(): string[] {
    const recording = this.#run?.order.recording
    return recording ? [this.#folder, recording.folder] : [this.#folder]
  }

  #tookTooMuch(excess: Excess): void {
    this.#run?.end({ kind: 'excess', excess })
    this.#violated(`it passed its limit of ${excess.kind}`)
  }

  #violated(why: string): void {
    this.#unfit ??= why
    this.#run?.end({ kind: 'exited', code: null, signal: 'SIGKILL', lastWords: '' })
    void this.#kill()
  }

  #failStart(why: string): void {
    this.#unfit ??= why
    this.#ready.reject(new CheckError('probe.browser_crashed', clip(why, LAST_WORDS_LENGTH_MAX)))
    void this.#kill()
  }

  async #exited(code: number | null, signal: string | null): Promise<void> {
    // What it said last may still be in the channel.
    if (this.#child.connected) await within(EXIT_MS, once(this.#child, 'disconnect'))
    if (this.#state === 'starting')
      this.#failStart(`the journey's process ended while it started: ${this.#lastWords.trim()}`)
    const killed = this.#watch?.killed()
    if (killed) this.#run?.end({ kind: 'excess', excess: killed })
    this.#unfit ??= `its process ended (${signal ?? code})`
    this.#run?.end({ kind: 'exited', code, signal, lastWords: this.#lastWords })
    void this.#kill()
  }

  #kill(): Promise<void> {
    this.#dead ??= this.#killOnce()
    return this.#dead
  }

  /**
   * 1. Kill the browser's groups, then the host's: in this order the host, if it still can, reaps
   *    its browser, and no zombie is left to a PID 1 that may not care.
   * 2. Kill what left its group, as daemons do, until there is nothing of it any more.
   * 3. Wait until all are gone. 4. Remove their files.
   */
  async #killOnce(): Promise<void> {
    this.#state = 'stopping'
    this.#watch?.stop()
    clearTimeout(this.#limit)
    this.#limit = undefined
    const child = this.#child
    const hasExited = child.exitCode !== null || child.signalCode !== null
    const exit = hasExited || child.pid === undefined ? undefined : once(child, 'exit')
    const groups = [...this.#groups, ...(child.pid === undefined ? [] : [child.pid])]
    const startedAt = this.#clock.monotonic()
    for (const group of groups) killGroup(group)
    await this.#killRest(groups)
    if (exit) await within(EXIT_MS, exit)
    child.stdio[4]?.destroy()
    await this.#group?.remove()
    await removeHostFolder(this.#folder)
    this.#state = 'dead'
    this.#ready.reject(new CheckError('probe.interrupted', 'the probe stopped'))
    this.#cleared.resolve()
    const ms = Math.round(this.#clock.monotonic() - startedAt)
    this.#logger.debug({ pid: child.pid, why: this.#unfit, ms }, 'journey host ended')
  }

  /** Whoever left its parent, its group, its session and its environment is still in the control group. */
  #killHidden(): number {
    const pids = this.#group?.pids() ?? []
    for (const pid of pids) killQuietly(pid)
    return pids.length
  }

  /** Who forks faster than we look is looked for again, as long as that may take. */
  async #killRest(groups: readonly number[]): Promise<void> {
    if (!this.#processes?.isSeen()) {
      await Promise.all(groups.map((group) => groupGone(group, GROUP_GONE_MS)))
      return
    }
    const until = this.#clock.monotonic() + EXIT_MS
    const killAll = () => (this.#processes?.kill() ?? 0) + this.#killHidden()
    while (killAll() > 0 && this.#clock.monotonic() < until) await wait(KILL_AGAIN_MS)
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

function allowed(environment: Environment): Environment {
  return Object.fromEntries(
    ENVIRONMENT.filter((name) => environment[name] !== undefined).map((name) => [
      name,
      environment[name],
    ]),
  )
}
