import { within } from '../../../runtime/deadline.ts'
import { overrunMessage } from '../judge-run-end.ts'
import { DEADLINE_SCREENSHOT_MS, type ReportedError } from '../messages.ts'
import { describeError, waitingFor } from './describe-error.ts'
import type { Session } from './open-session.ts'

/** What came first. */
export type Ending =
  | { kind: 'returned' }
  | { kind: 'threw'; error: unknown }
  | { kind: 'deadline' }
  /** The browser is gone. */
  | { kind: 'browser_gone' }
  /** A page did something without end. */
  | { kind: 'runaway'; message: string }
  /** An exception that nobody caught: a promise that the journey did not await. */
  | { kind: 'stray'; error: unknown }

/** Within this, an aborted call says what it was waiting for. Part of the grace at the deadline. */
export const LAST_WORDS_MS = 300
/** Playwright's calls fail a moment before it says that the browser is gone. */
const BROWSER_GONE_MS = 200

/** The body's ending, whenever it comes; never rejects. */
export type Body = Promise<Extract<Ending, { kind: 'returned' | 'threw' }>>

/**
 * Collects the evidence of an ending, closes the steps, and says whose fault it looks like from
 * here. Seals the steps first: what the journey's code still does is no part of the run.
 */
export async function endJourney(
  ending: Ending,
  session: Session,
  body: Body,
): Promise<ReportedError | undefined> {
  session.steps.seal()
  switch (ending.kind) {
    case 'returned':
      return endReturned(session)
    case 'threw':
      return endThrown(ending.error, session)
    case 'deadline':
      return endAtDeadline(session, body)
    case 'browser_gone':
      return endWithBrowser(session)
    case 'runaway':
      session.steps.end('failed', ending.message)
      return { type: 'journey.page_crashed', message: ending.message }
    case 'stray':
      return endStray(ending.error, session)
  }
}

async function endReturned({ steps }: Session): Promise<ReportedError | undefined> {
  const forgotten = steps.innermost()
  if (!forgotten) return endSoftly(steps.softFailures())
  const message = `step "${forgotten.name}" was still under way when the journey ended: is an await missing?`
  steps.end('failed', message)
  return { type: 'journey.script', message }
}

function endSoftly(failures: readonly string[]): ReportedError | undefined {
  const [first, ...others] = failures
  if (first === undefined) return undefined
  const more = others.map((failure) => `\n${failure}`).join('')
  return { type: 'journey.step', message: `${first}${more}` }
}

async function endThrown(error: unknown, session: Session): Promise<ReportedError> {
  const { steps, evidence, watch } = session
  if (await isBrowserGone(error, session)) return endWithBrowser(session)
  const said = steps.saidOf(error)
  steps.end('skipped')
  if (watch.hasCrashed())
    return {
      type: 'journey.page_crashed',
      message: `the page crashed; ${said ?? describeError(error)}`,
    }
  if (said !== undefined) return { type: 'journey.step', message: said }
  await evidence.picture(undefined)
  return {
    type: isMistakeInCode(error) ? 'journey.script' : 'journey.step',
    message: evidence.explain(`outside any step: ${describeNamed(error)}`),
  }
}

async function endAtDeadline(session: Session, body: Body): Promise<ReportedError> {
  const { steps, evidence, order } = session
  const open = steps.innermost()
  await evidence.picture(open?.name, DEADLINE_SCREENSHOT_MS)
  // Closing the context makes the call under way fail, and its error says what it waited for.
  const aborted = Promise.all([body, session.close('the deadline has passed')])
  const [last] =
    (await within(
      LAST_WORDS_MS,
      aborted.catch(() => undefined),
    )) ?? []
  const detail = last?.kind === 'threw' ? waitingFor(last.error) : undefined
  const overrun = overrunMessage(open, order.timeoutMs)
  const message = evidence.explain(detail ? `${overrun}: ${detail}` : overrun)
  steps.end('failed', message)
  return { type: 'timeout', message }
}

function endWithBrowser({ steps }: Session): ReportedError {
  const open = steps.innermost()
  const where = open ? ` in step "${open.name}"` : ''
  const message = `the browser ended${where}, before the journey did`
  steps.end('failed', message)
  return { type: 'probe.browser_crashed', message }
}

async function endStray(error: unknown, { steps, evidence }: Session): Promise<ReportedError> {
  const message = `nobody caught: ${describeNamed(error)} (is an await missing?)`
  await evidence.picture(steps.innermost()?.name)
  steps.end('failed', message)
  return { type: 'journey.script', message }
}

async function isBrowserGone(error: unknown, { browserGone }: Session): Promise<boolean> {
  if (!/has been closed|disconnected|crashed/i.test(describeError(error))) return false
  return (
    (await within(
      BROWSER_GONE_MS,
      browserGone.then(() => true),
    )) ?? false
  )
}

/** Errors that no page can cause, only the journey's own code. */
function isMistakeInCode(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof SyntaxError
  )
}

const describeNamed = (error: unknown) =>
  error instanceof Error && error.name !== 'Error'
    ? `${error.name}: ${describeError(error)}`
    : describeError(error)
