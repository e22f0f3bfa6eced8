import { describeDuration } from '../../base/duration.ts'
import { CheckError } from '../checks/check-runner.ts'
import { describeBytes } from './host-limits.ts'
import type { ReportedError } from './messages.ts'
import type { Excess } from './watch-resources.ts'

/** How far a run had come when its host was last heard of. */
export type RunPhase = 'loading' | 'preparing' | 'running' | 'ended' | 'wrapping_up'

/** How a run ended, as the supervisor saw it. */
export type RunEnd =
  | { kind: 'finished'; error?: ReportedError | undefined }
  /** The host's process ended in the middle of the run. */
  | { kind: 'exited'; code: number | null; signal: string | null; lastWords: string }
  /** The host gave no answer in time, and was killed. */
  | { kind: 'overrun'; phase: RunPhase; limitMs: number }
  /** It took more than a host may, and was killed. */
  | { kind: 'excess'; excess: Excess }
  /** Somebody stopped a process of it (SIGSTOP), so that it could not keep its deadline. */
  | { kind: 'stopped'; who: 'host' | 'browser' }
  | { kind: 'interrupted' }

/** The step that was under way when the host was killed. */
export type OpenStep = { name: string; ms: number }

/** Whose fault it was; the table is "How a journey's run ends" in `src/probe/README.md`. */
export function judgeRunEnd(end: RunEnd, openStep?: OpenStep): CheckError | undefined {
  switch (end.kind) {
    case 'finished':
      return end.error && new CheckError(end.error.type, end.error.message)
    case 'exited':
      return judgeExit(end, openStep)
    case 'overrun':
      return judgeOverrun(end, openStep)
    case 'excess':
      return judgeExcess(end.excess, openStep)
    case 'stopped':
      return end.who === 'browser'
        ? new CheckError('probe.browser_crashed', 'the browser was stopped by a signal')
        : new CheckError('probe.host_crashed', "the journey's process was stopped by a signal")
    case 'interrupted':
      return new CheckError('probe.interrupted', 'the probe stopped while the journey ran')
  }
}

function judgeExit(
  end: Extract<RunEnd, { kind: 'exited' }>,
  openStep: OpenStep | undefined,
): CheckError {
  const where = openStep ? ` in step "${openStep.name}"` : ''
  if (/heap out of memory|Allocation failed/i.test(end.lastWords))
    return new CheckError(
      'probe.out_of_resources',
      `the journey's process ran out of memory${where}`,
    )
  if (end.signal !== null)
    return new CheckError(
      'probe.host_crashed',
      `the journey's process was ended by ${end.signal}${where}`,
    )
  return new CheckError(
    'journey.script',
    `the journey ended its own process${where} (exit code ${end.code}); it must not call process.exit()`,
  )
}

/**
 * A page that takes all memory would have crashed for a user as well. The browser's other processes grow
 * during one run only for what its pages ask of them, such as a million lines on the console.
 */
function judgeExcess(excess: Excess, openStep: OpenStep | undefined): CheckError {
  const where = openStep ? ` in step "${openStep.name}"` : ''
  switch (excess.kind) {
    case 'memory':
      return judgeMemory(excess, where)
    case 'disk':
      return new CheckError(
        'probe.out_of_resources',
        `the run wrote too much into temporary files${where}: ${describeBytes(excess.bytes)}, more than the ${describeBytes(excess.limitBytes)} that FIREWATCH_TEMP_BYTES_MAX allows`,
      )
    case 'files':
      return new CheckError(
        'probe.out_of_resources',
        `the run made too many temporary files${where}: more than ${excess.limit}`,
      )
  }
}

function judgeMemory(
  { owner, bytes, limitBytes }: Extract<Excess, { kind: 'memory' }>,
  where: string,
): CheckError {
  const limit = `${describeBytes(limitBytes)} that FIREWATCH_MEMORY_BYTES_MAX allows`
  const over =
    bytes === undefined
      ? `${where}: it wanted more than the ${limit}, and was ended by the system`
      : `${where}: ${describeBytes(bytes)} together, more than the ${limit}`
  switch (owner) {
    case 'page':
      return new CheckError('journey.page_crashed', `the page took too much memory${over}`)
    case 'journey':
      return new CheckError(
        'probe.out_of_resources',
        `the journey's own code took too much memory${over}`,
      )
    case 'browser':
      return new CheckError(
        'journey.page_crashed',
        `the page made the browser take too much memory${over}`,
      )
  }
}

function judgeOverrun(
  end: Extract<RunEnd, { kind: 'overrun' }>,
  openStep: OpenStep | undefined,
): CheckError {
  const limit = plainDuration(end.limitMs)
  switch (end.phase) {
    case 'loading':
      return new CheckError('journey.script', `the journey's file did not load within ${limit}`)
    case 'preparing':
      return new CheckError('probe.browser_crashed', `the browser opened no page within ${limit}`)
    case 'ended':
      return new CheckError(
        'journey.script',
        "the journey's own code kept its process busy after its end, which had to be killed",
      )
    case 'wrapping_up':
      return new CheckError('timeout', overrunMessage(openStep, end.limitMs))
    case 'running':
      return new CheckError(
        'journey.script',
        `${overrunMessage(openStep, end.limitMs)}: the journey's own code keeps its process busy and had to be killed`,
      )
  }
}

/** Names what was not ready at the deadline: `step "open the cart" did not finish within 6 s`. */
export function overrunMessage(openStep: OpenStep | undefined, timeoutMs: number): string {
  const limit = plainDuration(timeoutMs)
  if (!openStep) return `the journey did not finish within ${limit}`
  // Within a tenth of the limit the step had all the time that there was.
  if (openStep.ms >= timeoutMs * 0.9)
    return `step "${openStep.name}" did not finish within ${limit}`
  return `step "${openStep.name}" did not finish: it had ${plainDuration(openStep.ms)} of the journey's ${limit}`
}

const plainDuration = (ms: number) => describeDuration(ms).replace('.0 s', ' s')
