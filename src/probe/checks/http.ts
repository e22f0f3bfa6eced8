import { performAuthorized } from '../network/authorized-request.ts'
import { fillTemplate } from '../network/fill-template.ts'
import type { CheckRunner } from './check-runner.ts'
import { observeBody, observeHead } from './observe-answer.ts'
import { valuesOf } from './template-values.ts'

/** Requests a page, follows its redirects, and writes down what came. */
export const runHttpCheck: CheckRunner<'http'> = async (check, context) => {
  const { findings } = context
  const startedAt = context.clock.monotonic()
  const { method, auth, timeoutMs } = check
  const request = { ...fillTemplate(check, valuesOf(check, context)), method }
  const response = await performAuthorized(request, auth, check, {
    context,
    timeoutMs,
    startedAt,
    onHead: (head) => observeHead(head, findings),
  })
  // What is shown of a run is the target's time, without what came before its own request.
  findings.duration(response.totalMs)
  observeBody(response, findings)
}
