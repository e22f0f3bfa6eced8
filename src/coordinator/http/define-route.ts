import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { RouteContract } from '../../protocol/public-api.ts'
import type { Caller } from '../access/caller.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'

type Input<C extends RouteContract> = {
  params: C['params'] extends z.ZodObject ? z.infer<C['params']> : Record<string, never>
  query: C['query'] extends z.ZodObject ? z.infer<C['query']> : Record<string, never>
  body: C['body'] extends z.ZodType ? z.infer<C['body']> : undefined
}

/** A contract with what answers it. */
export type Route = {
  contract: RouteContract
  register(server: FastifyInstance, parts: CoordinatorParts): void
}

/**
 * Joins a contract of `protocol/public-api.ts` with its handler. Parsing, errors and the check of
 * the answer against the contract happen around it.
 */
export function defineRoute<C extends RouteContract>(
  contract: C,
  handle: (
    input: Input<C>,
    parts: CoordinatorParts,
    caller: Caller,
    /** For the few that say something in headers; the answer itself is what is returned. */
    exchange: { request: FastifyRequest; reply: FastifyReply },
  ) => Promise<z.input<C['response']>>,
): Route {
  return {
    contract,
    register(server, parts) {
      server.withTypeProvider<ZodTypeProvider>().route({
        method: contract.method,
        url: contract.path,
        config: {
          access: contract.access,
          ...(contract.changesNothing && { changesNothing: true }),
        },
        schema: {
          summary: contract.summary,
          ...(contract.params && { params: contract.params }),
          ...(contract.query && { querystring: contract.query }),
          ...(contract.body && { body: contract.body }),
          response: { 200: contract.response },
        },
        handler: async (request: FastifyRequest, reply: FastifyReply) => {
          reply.header('cache-control', 'no-store')
          const { params, query, body } = request
          return reply.send(
            await handle({ params, query, body } as Input<C>, parts, request.caller, {
              request,
              reply,
            }),
          )
        },
      })
    },
  }
}
