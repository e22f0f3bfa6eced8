import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppError, messageOf } from '../../base/app-error.ts'
import { ERROR_CODES, type ErrorCode } from '../../protocol/error-code.ts'
import type { Problem } from '../../protocol/public-api.ts'
import type { Logger } from '../../runtime/logger.ts'

/** Codes of Fastify that mean something to a client; everything else of its is a bad request. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_NOT_FOUND: 'request.not_found',
}

/** The one place where errors become answers: problem details with a code from the catalogue. */
export function answerError(
  error: FastifyError | AppError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const { code, detail } = explain(error)
  const { status, means } = ERROR_CODES[code]
  request.problemCode = code
  if (status >= 500)
    logger.error(
      { code, url: request.routeOptions.url, error: messageOf(error), cause: causeOf(error) },
      'request failed',
    )
  const problem: Problem = {
    type: 'about:blank',
    title: means,
    status,
    code,
    ...(detail !== undefined && { detail }),
  }
  const waitMs = error instanceof AppError ? error.waitMs : undefined
  if (waitMs !== undefined) reply.header('retry-after', Math.ceil(waitMs / 1_000))
  else if (status === 503) reply.header('retry-after', '2')
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem))
}

function explain(error: unknown): { code: ErrorCode; detail?: string } {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const detail = error.validation
      .map(
        (issue) =>
          `${issue.instancePath.replace(/^\//, '').replaceAll('/', '.')}: ${issue.message}`,
      )
      .join('; ')
    return { code: 'request.invalid', detail }
  }
  if (error instanceof AppError && error.code in ERROR_CODES)
    return { code: error.code as ErrorCode, detail: error.message }
  if (error instanceof Error && 'statusCode' in error) {
    const status = Number(error.statusCode)
    if (status === 429) return { code: 'request.too_many' }
    const known = 'code' in error ? FASTIFY_CODES[String(error.code)] : undefined
    if (known) return { code: known }
    if (status >= 400 && status < 500) return { code: 'request.invalid', detail: error.message }
  }
  // Our own fault: the details are in the log, and not for strangers.
  return { code: 'internal' }
}

function causeOf(error: unknown): string | undefined {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined
}
