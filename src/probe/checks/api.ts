import type { ApiCheck, ApiRequest } from '../../protocol/kinds/api.ts'
import { performAuthorized } from '../network/authorized-request.ts'
import { type CookieJar, createCookieJar } from '../network/cookie-jar.ts'
import { fillTemplate } from '../network/fill-template.ts'
import { captureValues } from './capture-values.ts'
import { type CheckContext, CheckError, type CheckRunner } from './check-runner.ts'
import { classifyError } from './classify-error.ts'
import { observeBody, observeHead } from './observe-answer.ts'
import { valuesOf } from './template-values.ts'
import { createTimeBox, type TimeBox } from './time-box.ts'

/** What one request of the run leaves for the next. */
type Chain = {
  check: ApiCheck
  startedAt: number
  captured: Map<string, string>
  cookies: CookieJar
  /** For all that the run's captures look for. */
  timeBox: TimeBox
  /** Time that is not the target's: a server of tokens took it, or a request that was made again. */
  uncountedMs: number
}

/**
 * Makes its requests one after the other, each a part of the run and a step. A request goes out when
 * everything that it needs is there: an answer that is not as expected does not end the chain, since
 * what comes after it may tell more; a broken connection or a value that cannot be captured does.
 */
export const runApiCheck: CheckRunner<'api'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const chain: Chain = {
    check,
    startedAt,
    captured: new Map(),
    cookies: createCookieJar(clock.now),
    timeBox: createTimeBox(),
    uncountedMs: 0,
  }
  for (const [index, request] of check.requests.entries()) {
    try {
      await runStep(request, chain, context)
    } catch (error) {
      for (const { name } of check.requests.slice(index + 1))
        findings.step({ name, status: 'skipped', startMs: clock.monotonic() - startedAt, ms: 0 })
      throw error
    }
  }
  const totalMs = clock.monotonic() - startedAt - chain.uncountedMs
  findings.subject('total', totalMs)
  findings.duration(totalMs)
}

async function runStep(request: ApiRequest, chain: Chain, context: CheckContext): Promise<void> {
  const { clock, findings } = context
  const { name } = request
  const beganAt = clock.monotonic()
  const startMs = beganAt - chain.startedAt
  const uncountedMsBefore = chain.uncountedMs
  const tookMs = () => clock.monotonic() - beganAt - (chain.uncountedMs - uncountedMsBefore)
  try {
    await runRequest(request, chain, { ...context, findings: findings.part(name) })
    findings.step({ name, status: 'passed', startMs, ms: tookMs() })
  } catch (error) {
    const isStopped = context.signal.aborted && !(error instanceof CheckError)
    const { type, message } = isStopped
      ? ({ type: 'timeout', message: 'not over when the run was' } as const)
      : classifyError(error)
    findings.step({ name, status: 'failed', startMs, ms: tookMs(), error: message })
    throw isStopped ? error : new CheckError(type, `${name}: ${message}`, { cause: error })
  }
}

async function runRequest(request: ApiRequest, chain: Chain, context: CheckContext): Promise<void> {
  const { check, startedAt, captured, cookies, timeBox } = chain
  const { findings } = context
  const { name: part, method, auth, capture } = request
  const filled = fillTemplate(request, valuesOf(check, context, captured))
  const response = await performAuthorized({ ...filled, method }, auth, check, {
    context,
    timeoutMs: check.timeoutMs,
    startedAt,
    part,
    cookies,
    onHead: (head) => observeHead(head, findings),
    onUncounted(ms) {
      chain.uncountedMs += ms
    },
  })
  const readers = observeBody(response, findings)
  for (const [name, value] of captureValues(
    capture ?? {},
    { response, readers, timeBox },
    findings,
  ))
    captured.set(name, value)
}
