import type { Browser } from 'playwright'
import type { Clock } from '../../../base/clock.ts'
import { waitFor, within } from '../../../runtime/deadline.ts'
import { createMask } from '../../../runtime/mask-secrets.ts'
import type { Journey, JourneyContext } from '../../../sdk/journey.ts'
import type { HostMessage, RunOrder } from '../messages.ts'
import { describeError } from './describe-error.ts'
import { type Body, type Ending, endJourney, LAST_WORDS_MS } from './end-journey.ts'
import type { JourneyLoader } from './load-journey.ts'
import type { NetTime } from './net-time.ts'
import { type NeverRule, parseNeverRule } from './never-rules.ts'
import { oneTimePassword } from './one-time-password.ts'
import { openSession, type Session } from './open-session.ts'
import { SkipError } from './record-steps.ts'
import { createRunReport, type RunReport } from './run-report.ts'
import { contextOptions } from './set-up-context.ts'

/**
 * One run of a journey inside its host:
 *
 * 1. Load the journey's file. What goes wrong here is for its author to mend: `journey.script`.
 * 2. Open a fresh context with one page and its guards. What fails here is the browser.
 * 3. Say `started`: the measured time begins, and the deadline.
 * 4. Run the body against the deadline, the browser's end and stray exceptions; first come decides.
 * 5. Collect the evidence, say `finished`.
 * 6. Close the context. Only then may the host take another run.
 */

export type HostParts = {
  browser: Browser
  loader: JourneyLoader
  clock: Clock
  send(message: HostMessage): void
  /** Resolves with the first exception of this run that nobody caught. */
  stray: Promise<unknown>
}

/** Closing takes milliseconds; when it hangs (it happens), the browser is not fit for another run. */
const CLOSE_MS = 400
/** Where the end of the run has to wait for it: files of the recording, and requests on their way. */
const CLOSE_FIRST_MS = 3_000
/** Shortest look at the clock while the measured time stands still. */
const DEADLINE_STEP_MS = 5

/** @returns why the host must not be used again, or undefined when it may. */
export async function runJourney(order: RunOrder, parts: HostParts): Promise<string | undefined> {
  const report = createRunReport(order.runId, createMask(order.secrets), parts.send)
  const loaded = await load(order, report, parts.loader)
  if (!loaded) return undefined
  report.loaded()
  let session: Session
  try {
    session = await openSession({ order, report, ...loaded, ...parts })
  } catch (error) {
    const message = `the browser opened no page: ${describeError(error)}`
    report.finished(0, { type: 'probe.browser_crashed', message })
    return message
  }
  return runInSession(session, { ...parts, hasRules: loaded.rules.length > 0 })
}

async function load(
  order: RunOrder,
  report: RunReport,
  loader: JourneyLoader,
): Promise<{ journey: Journey; rules: NeverRule[] } | undefined> {
  try {
    const journey = await loader.load(order.file)
    // What the check says wrong is said before the browser can be blamed for it.
    contextOptions(order.browser)
    const rules = [...journey.options.never, ...order.never].map(parseNeverRule)
    const { engine = 'chromium' } = order.browser
    // Others let the target of a redirect pass, which might be the order.
    if (rules.length > 0 && engine !== 'chromium')
      throw new TypeError(
        `the journey has "never" rules, which hold in Chromium only; the check asks for ${engine}`,
      )
    return { journey, rules }
  } catch (error) {
    report.finished(0, { type: 'journey.script', message: describeError(error) })
    return undefined
  }
}

async function runInSession(
  session: Session,
  { stray, hasRules }: { stray: Promise<unknown>; hasRules: boolean },
): Promise<string | undefined> {
  const { report, time, guard, order } = session
  report.started()
  const body = runBody(session)
  const isOver = new AbortController()
  const ending = await Promise.race<Ending>([
    body,
    deadline(time, order.timeoutMs, isOver.signal),
    session.browserGone.then(() => ({ kind: 'browser_gone' as const })),
    session.watch.runaway.then((message) => ({ kind: 'runaway' as const, message })),
    stray.then((error) => ({ kind: 'stray' as const, error })),
  ])
  isOver.abort()
  const durationMs = time.now()
  if (ending.kind === 'deadline') report.deadline()
  else report.ended()

  const { recorder } = session
  if (recorder) await time.outside(() => recorder.stop(session.page))
  let error = await time.outside(() => endJourney(ending, session, body))
  let unfit: string | undefined
  // A request that the journey set off last may be on its way out only now; closing ends that.
  const closesFirst = hasRules || recorder !== undefined
  // At the deadline the context is being closed already, and nobody waits any longer.
  const closeMs = ending.kind === 'deadline' && !recorder ? LAST_WORDS_MS : CLOSE_FIRST_MS
  if (closesFirst) unfit = await close(session, body, closeMs)
  if (recorder) report.recorded(await recorder.finish())
  const attempt = guard.attempt()
  if (attempt) error = { type: 'journey.forbidden_request', message: attempt }
  session.describeBrowser()
  report.finished(durationMs, error)
  if (!closesFirst) unfit = await close(session, body, CLOSE_MS)
  if (ending.kind === 'runaway') return ending.message
  return error?.type === 'probe.browser_crashed' ? error.message : unfit
}

async function runBody(session: Session): Body {
  const { journey, order, page, context, steps, report, clock } = session
  const journeyContext: JourneyContext = {
    page,
    context,
    request: context.request,
    target: order.target,
    step: steps.step,
    soft: steps.soft,
    skip(reason) {
      throw new SkipError(String(reason))
    },
    params: declared(order.params, 'parameter', 'params'),
    secrets: declared(order.secrets, 'secret', 'secrets'),
    totp: (secret) => oneTimePassword(secret ?? '', clock.now()),
    log: (line) => report.log(String(line)),
  }
  try {
    await journey.body(journeyContext)
    return { kind: 'returned' }
  } catch (error) {
    if (error instanceof SkipError) {
      report.log(`the journey ended early: ${error.message}`)
      return { kind: 'returned' }
    }
    return { kind: 'threw', error }
  }
}

/** A name that the check does not declare is a mistake in writing, and says so. */
function declared<T>(
  values: Readonly<Record<string, T>>,
  what: string,
  where: string,
): Record<string, T> {
  return new Proxy(Object.freeze({ ...values }), {
    get(target, name) {
      if (typeof name !== 'string' || Object.hasOwn(target, name)) return Reflect.get(target, name)
      throw new TypeError(`the ${what} ${name} is not among the ${where} that the check declares`)
    },
  })
}

async function deadline(time: NetTime, timeoutMs: number, over: AbortSignal): Promise<Ending> {
  while (time.now() < timeoutMs && !over.aborted)
    await waitFor(Math.max(DEADLINE_STEP_MS, timeoutMs - time.now()), over)
  return { kind: 'deadline' }
}

/** Closes the context, and makes sure that the journey's code has stopped with it. */
async function close(session: Session, body: Body, limitMs: number): Promise<string | undefined> {
  const closing = session.close().then(
    () => true,
    () => true, // It was closed already, or its browser is gone; both are found out elsewhere.
  )
  if (!(await within(limitMs, closing))) return 'the context did not close'
  if (!(await within(LAST_WORDS_MS, body))) return "the journey's code went on after its end"
  return undefined
}
