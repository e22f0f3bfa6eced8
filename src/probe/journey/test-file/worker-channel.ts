import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { RECORDING_NOTES_MAX, RecordedName } from '../../../protocol/recording.ts'
import { BrowserRecord, MESSAGE_LENGTH_MAX } from '../../../protocol/run.ts'
import type { Spawning } from '../host/watch-spawns.ts'
import { STEP_PICTURES } from '../messages.ts'
import type { InstrumentOrder } from './instrument.ts'

/**
 * What Playwright's workers and the process that runs the tests say to each other, over the channel that
 * Playwright made for itself. Tests can write to it as well: nothing but these forms is read.
 */

const text = z.string().max(MESSAGE_LENGTH_MAX)

const DocumentTrouble = z.union([
  z.object({ url: text, status: z.number() }),
  z.object({ url: text, failure: text }),
])

export const WorkerMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('spawned'), pid: z.number().int().min(2) }),
  z.object({ kind: z.literal('log'), line: z.string() }),
  /** Something was tried that must never be made. */
  z.object({ kind: z.literal('attempt'), attempt: text }),
  /** The run's picture was taken. */
  z.object({ kind: z.literal('picture') }),
  /** A picture of a test that passed was taken. */
  z.object({ kind: z.literal('step_picture'), name: z.enum(STEP_PICTURES) }),
  /** What a context did until it was closed; its instants are epoch milliseconds. */
  z.object({
    kind: z.literal('context'),
    record: BrowserRecord,
    trouble: DocumentTrouble.optional(),
  }),
  /** What is in the recording's folder now; of a context in which a test failed, for good. */
  z.object({
    kind: z.literal('recorded'),
    names: z.array(RecordedName),
    notes: z.array(z.string()).max(RECORDING_NOTES_MAX),
    hasFailed: z.boolean(),
  }),
  z.object({ kind: z.literal('browser_failed'), message: text }),
  z.object({ kind: z.literal('browser_gone') }),
  z.object({ kind: z.literal('page_crashed') }),
  z.object({ kind: z.literal('wrapped_up') }),
])
export type WorkerMessage = z.infer<typeof WorkerMessage>

/** The variable in which a worker finds its order; it takes it away before any test is loaded. */
export const WORKER_ORDER = 'FIREWATCH_TEST_WORKER'

/** Playwright's messages have a method as well; it passes over those that it does not know. */
const TELL = 'firewatch:tell'
export const WRAP_UP = 'firewatch:wrap-up'

export const wrapMessage = (message: WorkerMessage) => ({ method: TELL, params: message })

const isWorkerFile = (argument: string) => /[/\\]workerProcessEntry\.js$/.test(argument)

/**
 * Gives a process its order and our program, if it is a worker of Playwright's that is about to start.
 */
export function prepareWorker({ args, envPairs }: Spawning, order: InstrumentOrder): void {
  if (!args.some(isWorkerFile)) return
  args.splice(1, 0, '--import', new URL('./worker-process.ts', import.meta.url).href)
  envPairs.push(`${WORKER_ORDER}=${JSON.stringify(order)}`)
  // Else each failure waits for a description of the page that nobody reads.
  envPairs.push('PLAYWRIGHT_NO_COPY_PROMPT=1')
}

/** Hears what a worker says to us. */
export function hearWorker(child: ChildProcess, hear: (message: WorkerMessage) => void): void {
  child.on('message', (message: { method?: unknown; params?: unknown }) => {
    if (message?.method !== TELL) return
    const { data } = WorkerMessage.safeParse(message.params)
    if (data) hear(data)
  })
}
