import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { AppError } from '../../../base/app-error.ts'
import { getArtifact } from '../../../protocol/public-api.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { findArtifact } from '../../store/artifacts.ts'

/** Kinds that a browser may show by itself; everything else is offered as a download. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/webp', 'text/plain'])

/** The files of runs. What they contain comes from targets, so a browser must not run any of it. */
export function registerArtifacts(server: FastifyInstance, parts: CoordinatorParts): void {
  const { params } = getArtifact
  server
    .withTypeProvider<ZodTypeProvider>()
    .get(
      getArtifact.path,
      { schema: { summary: getArtifact.summary, params } },
      async (request, reply) => {
        const { runId, name } = request.params
        const artifact = await findArtifact(parts.store, runId, name)
        if (!artifact) throw new AppError('artifact.unknown', `${runId}/${name}`)
        const isShown = SHOWN.has(artifact.mediaType)
        return (
          reply
            .type(isShown ? artifact.mediaType : 'application/octet-stream')
            .header('content-length', artifact.bytes)
            .header('content-disposition', isShown ? 'inline' : `attachment; filename="${name}"`)
            .header('content-security-policy', "default-src 'none'; sandbox")
            .header('x-content-type-options', 'nosniff')
            // An artifact never changes under its name.
            .header('cache-control', 'private, max-age=86400, immutable')
            .send(parts.artifacts.read(runId, name))
        )
      },
    )
}
