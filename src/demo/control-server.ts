import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify'
import { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import { ERROR_CODES, type ErrorCode } from '../protocol/error-code.ts'
import type { DemoStatus } from './control-status.ts'
import { FAULTS, type FaultBoard } from './faults.ts'
import type { PageInbox } from './page-inbox.ts'

/** The port that switches faults and takes pages, on the loopback interface only. */
export type ControlServer = { readonly port: number; stop(): Promise<void> }

const BODY_BYTES_MAX = 4 * 1024

const FaultParams = z.object({ name: z.string() })
const FaultChange = z.strictObject({ on: z.boolean(), region: z.string().optional() })
const NoChange = z.strictObject({})

const PageParams = z.object({ person: z.string().max(80) })
const PageBody = z.object({ type: z.string() })
/** A page says more than a fault does. */
const PAGE_BYTES_MAX = 64 * 1024

type Options = { port: number; faults: FaultBoard; pages: PageInbox }

export async function startControlServer({ port, faults, pages }: Options): Promise<ControlServer> {
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, logger: false, forceCloseConnections: true })
  refuseWebPages(app)
  answerProblems(app)

  app.get('/status', () => statusOf(faults))
  app.post('/faults/:name', (request) => {
    const { name } = FaultParams.parse(request.params)
    const { on, region } = read(FaultChange, request.body)
    faults.set(name, { isOn: on, regionId: region })
    return statusOf(faults)
  })
  app.post('/fix', (request) => {
    read(NoChange, request.body)
    faults.fix()
    return statusOf(faults)
  })

  app.post('/pages/:person', { bodyLimit: PAGE_BYTES_MAX }, (request) => {
    const { type } = read(PageBody, request.body)
    // Who takes a duty over, or reads of a backlog, is told so; nothing is wrong then, and nobody is paged.
    if (!/^(shift|digest)\./.test(type)) pages.take(PageParams.parse(request.params).person)
    return {}
  })

  await app.listen({ port, host: '127.0.0.1' })
  const address = app.server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: () => app.close(),
  }
}

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i

/**
 * Keeps out web pages that the same person has open. A page can make its browser send requests to
 * the loopback interface, but it cannot send JSON to another origin without a permission that this
 * server never gives, and with a name of its own that points here (DNS rebinding) it sends that name
 * as host.
 */
function refuseWebPages(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request) => {
    if (!LOOPBACK_HOST.test(request.headers.host ?? ''))
      throw new AppError('request.invalid', 'the host header must name the loopback interface')
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
    if (request.method !== 'GET' && type !== 'application/json')
      throw new AppError('request.invalid', 'the content type must be application/json')
  })
}

function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | AppError>((error, _request, reply) => {
    if (error instanceof AppError) return sendProblem(reply, error.code, error.message)
    const isTooLarge = error.statusCode === 413
    return sendProblem(reply, isTooLarge ? 'request.too_large' : 'request.invalid', error.message)
  })
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, 'request.not_found', 'there are GET /status, POST /faults/:name, POST /fix'),
  )
}

function sendProblem(reply: FastifyReply, code: string, detail: string): FastifyReply {
  const { status, means } = ERROR_CODES[code as ErrorCode]
  return reply
    .status(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: means, status, code, detail })
}

/** @throws {AppError} `request.invalid`, with every problem of the body. */
function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new AppError('request.invalid', z.prettifyError(parsed.error))
}

function statusOf(faults: FaultBoard): DemoStatus {
  return {
    faults: faults.active().map(({ name, regionId, since }) => ({
      name,
      ...(regionId === undefined ? {} : { regionId }),
      since: new Date(since).toISOString(),
    })),
    available: Object.entries(FAULTS).map(([name, { description, takesRegion }]) => ({
      name,
      description,
      takesRegion,
    })),
  }
}
