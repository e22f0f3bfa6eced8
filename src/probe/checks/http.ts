import { decodeText } from '../network/decode-body.ts'
import { type HttpHead, type HttpResponse, performRequest } from '../network/http-request.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import type { CheckContext, CheckRunner } from './check-runner.ts'

/** Requests a page, follows its redirects, and writes down what came. */
export const runHttpCheck: CheckRunner<'http'> = async (check, context) => {
  const startedAt = context.clock.monotonic()
  const meter = createPhaseMeter(context, check.timeoutMs)
  const { method, headers, body, bodyBase64 } = check
  const request = {
    url: new URL(check.url),
    method,
    headers,
    body: bodyBase64 === undefined ? body : Buffer.from(bodyBase64, 'base64'),
  }
  const onHead = (head: HttpHead) => recordHead(head, context)
  const response = await performRequest(request, check, { context, meter, startedAt, onHead })
  recordBody(response, context)
}

function recordHead({ status, headers }: HttpHead, { findings }: CheckContext): void {
  findings.subject('status', status)
  findings.fact('status', status)
  for (const [name, value] of headers) findings.subjectPart('header', name, value)
}

function recordBody({ headers, body }: HttpResponse, { findings }: CheckContext): void {
  findings.subject('bodyBytes', body.length)
  findings.subject('body', decodeText(body, headers.get('content-type')))
}
