import { z } from 'zod'
import { NAME_LENGTH_MAX } from '../../protocol/ids.ts'
import type { BrowserEngine, BrowserOptions, Evidence } from '../../protocol/kinds/journey.ts'
import { RECORDING_NOTES_MAX, RecordedName } from '../../protocol/recording.ts'
import {
  BrowserRecord,
  MESSAGE_LENGTH_MAX,
  RunErrorType,
  STEPS_MAX,
  Step,
} from '../../protocol/run.ts'
import type { ConnectTo } from '../connect-to.ts'

/**
 * What the supervisor and a journey host say to each other, over the child's IPC channel.
 *
 * A host runs code that we did not write, so the supervisor reads nothing but what has one of these
 * forms, and what a run ends with is decided by the supervisor (`judge-run-end.ts`).
 */

export const LOG_LINE_LENGTH_MAX = 1_000
/** Lines that one journey may keep with its run; LOG_LINES_MAX of the run has room for others. */
export const JOURNEY_LOG_LINES_MAX = 150

/** Says what to start; the first message that a host gets. */
export type StartOrder = {
  kind: 'start'
  engine: BrowserEngine
  executablePath: string
  args: string[]
  headless: boolean
  /** Waits this long before each action, for people to follow. */
  slowMoMs?: number | undefined
  /** Opens Playwright's inspector, which stops before the first action. */
  isDebugged?: boolean | undefined
  /** Everything temporary lies below; removed with the host. */
  folder: string
}

/** One run. */
export type RunOrder = {
  kind: 'run'
  runId: string
  /** The journey's file, absolute. */
  file: string
  target: string
  timeoutMs: number
  /** Steps take as long as they like: somebody goes through them by hand. */
  isDebugged?: boolean | undefined
  ignoreHttpsErrors: boolean
  params: Record<string, string | number | boolean>
  secrets: Record<string, string>
  /** Requests that must never be made, besides those that the journey names. */
  never: string[]
  browser: BrowserOrder
  /** In a region that connects to public addresses only: what its proxy needs to know. */
  publicNetwork?: PublicNetwork | undefined
  /** Origins whose requests carry the trace context and the run's id. */
  traceTo: string[]
  traceparent: string
  screenshots: Evidence['screenshots']
  /** CSS selectors of what pictures do not show. */
  paintOver: string[]
  /** What the paths of its pictures begin with; `screenshot.png` or a step's picture follows. */
  picturePrefix: string
  /** Records these into this folder, which makes the browser slower. */
  recording?: { folder: string; names: readonly RecordedName[] } | undefined
  /** What only a file of Playwright Test needs. */
  testFile?: TestFileOrder | undefined
}

export type TestFileOrder = {
  /** Where the search for a Playwright config ends, absolute. */
  probesFolder: string
  /** Names of its projects; all when absent. */
  projects?: string[] | undefined
}

/** Names of the pictures of steps. Files of other kinds need their places in a run as well. */
export const STEP_PICTURES: readonly string[] = Array.from(
  { length: 15 },
  (_, index) => `step-${String(index + 1).padStart(2, '0')}.png`,
)
/** Most time that pictures of a run's steps may take together. */
export const STEP_PICTURES_MS_MAX = 5_000
/** Most time for starting the workers and browsers of a test file, which is no part of its own. */
export const WORKERS_MS_MAX = 15_000
/** Most time for ending a recording and masking what is in it. */
export const RECORDING_MS_MAX = 30_000

/** Most time that the pictures of a run's failures may take together. */
export const SCREENSHOT_MS_MAX = 1_000
/** Most time for the picture that is taken at the deadline, where nobody wants to wait any more. */
export const DEADLINE_SCREENSHOT_MS = 550

/** How much longer than its own time limit a run may take, for what is started and collected besides. */
export const evidenceMs = ({ screenshots, recording, testFile }: RunOrder): number =>
  SCREENSHOT_MS_MAX +
  (screenshots === 'each-step' ? STEP_PICTURES_MS_MAX : 0) +
  (recording ? RECORDING_MS_MAX : 0) +
  (testFile ? WORKERS_MS_MAX : 0)

/** Rules and resolvers by which the proxy of such a run connects; see `host/policy-proxy.ts`. */
export type PublicNetwork = {
  connectTo: ConnectTo['rules']
  /** The machine's own when absent. */
  nameServers?: readonly string[] | undefined
}

/** How the context is set up; the proxy's password is no secret of the journey's. */
export type BrowserOrder = Omit<BrowserOptions, 'proxy'> & {
  proxy?:
    | { server: string; username?: string; password?: string; bypass?: string | undefined }
    | undefined
}

export type HostOrder = StartOrder | RunOrder

export const WHY_LENGTH_MAX = 500

const ofRun = { runId: z.string().max(NAME_LENGTH_MAX) }

const pid = z.number().int().min(2)

/** The error types that only the host can know; others are found out by the supervisor. */
export const ReportedErrorType = RunErrorType.extract([
  'timeout',
  'journey.step',
  'journey.script',
  'journey.forbidden_request',
  'journey.page_crashed',
  'probe.browser_crashed',
])

export const ReportedError = z.object({
  type: ReportedErrorType,
  message: z.string().max(MESSAGE_LENGTH_MAX),
})
export type ReportedError = z.infer<typeof ReportedError>

export const HostMessage = z.discriminatedUnion('kind', [
  /** The host started a process of its own, the browser among them. */
  z.object({ kind: z.literal('spawned'), pid }),
  z.object({ kind: z.literal('ready'), browserVersion: z.string().max(NAME_LENGTH_MAX) }),
  z.object({ kind: z.literal('start_failed'), message: z.string().max(MESSAGE_LENGTH_MAX) }),
  /** The journey's code is loaded; what comes next is the browser's work. */
  z.object({ kind: z.literal('loaded'), ...ofRun }),
  /** The journey's time begins. */
  z.object({ kind: z.literal('started'), ...ofRun }),
  /** A step began (`isOpen`) or ended. */
  z.object({
    kind: z.literal('step'),
    ...ofRun,
    index: z
      .number()
      .int()
      .min(0)
      .max(STEPS_MAX - 1),
    isOpen: z.boolean(),
    step: Step,
  }),
  z.object({ kind: z.literal('log'), ...ofRun, line: z.string().max(LOG_LINE_LENGTH_MAX) }),
  z.object({
    kind: z.literal('screenshot'),
    ...ofRun,
    step: z.string().max(NAME_LENGTH_MAX).optional(),
  }),
  /** A picture of a step that passed. */
  z.object({
    kind: z.literal('picture'),
    ...ofRun,
    name: z.enum(STEP_PICTURES),
    step: z.string().max(NAME_LENGTH_MAX),
  }),
  /** What is in the folder of the recording, and what could not be recorded. */
  z.object({
    kind: z.literal('recorded'),
    ...ofRun,
    names: z.array(RecordedName).max(RecordedName.options.length),
    notes: z.array(z.string().max(LOG_LINE_LENGTH_MAX)).max(RECORDING_NOTES_MAX),
  }),
  /** What the browser did until the run's end. */
  z.object({ kind: z.literal('browser'), ...ofRun, browser: BrowserRecord }),
  /** The journey's time stands still while evidence is collected, or goes on. */
  z.object({
    kind: z.literal('pause'),
    ...ofRun,
    isPaused: z.boolean(),
    /** All of it so far. */
    pausedMs: z.number().nonnegative(),
  }),
  /** The journey is over, before its deadline; what it left is looked at. */
  z.object({ kind: z.literal('ended'), ...ofRun }),
  /** The host noticed the deadline by itself and is wrapping up. */
  z.object({ kind: z.literal('deadline'), ...ofRun }),
  z.object({
    kind: z.literal('finished'),
    ...ofRun,
    durationMs: z.number().nonnegative(),
    error: ReportedError.optional(),
  }),
  /** Everything of the run is cleared away; the host may take another. */
  z.object({ kind: z.literal('idle'), ...ofRun }),
  /** The host should do no further run, and says why. */
  z.object({ kind: z.literal('unfit'), why: z.string().max(WHY_LENGTH_MAX) }),
])
export type HostMessage = z.infer<typeof HostMessage>

/** Cuts a text to what a message may carry, and shows that it was cut. */
export function clip(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}
