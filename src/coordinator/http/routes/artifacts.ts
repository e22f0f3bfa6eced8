import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { AppError } from '../../../base/app-error.ts'
import { getArtifact } from '../../../protocol/public-api.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { findArtifact } from '../../store/artifacts.ts'

/** Kinds that a browser may show by itself; everything else is offered as a download. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/webp', 'text/plain', 'video/webm'])

/** Offered as a download although their kind could be shown: a page's DOM is read in an editor. */
const DOWNLOADED = new Set(['page.html'])

/** The files of runs. What they contain comes from targets, so a browser must not run any of it. */
export function registerArtifacts(server: FastifyInstance, parts: CoordinatorParts): void {
  const { params } = getArtifact
  server.withTypeProvider<ZodTypeProvider>().get(
    getArtifact.path,
    {
      config: { access: getArtifact.access },
      schema: { summary: getArtifact.summary, params },
    },
    async (request, reply) => {
      const { runId, name } = request.params
      const artifact = await findArtifact(parts.store, runId, name)
      if (!artifact) throw new AppError('artifact.unknown', `${runId}/${name}`)
      const isShown = SHOWN.has(artifact.mediaType) && !DOWNLOADED.has(name)
      const range = requestedRange(request.headers.range, artifact.bytes)
      const { start, end } = range ?? { start: 0, end: artifact.bytes - 1 }
      if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${artifact.bytes}`)
      return (
        reply
          .type(isShown ? artifact.mediaType : 'application/octet-stream')
          .header('content-length', artifact.bytes === 0 ? 0 : end - start + 1)
          .header('accept-ranges', 'bytes')
          .header('content-disposition', isShown ? 'inline' : `attachment; filename="${name}"`)
          .header('content-security-policy', "default-src 'none'; sandbox")
          .header('x-content-type-options', 'nosniff')
          // An artifact never changes under its name.
          .header('cache-control', 'private, max-age=86400, immutable')
          .send(parts.artifacts.read(runId, name, range))
      )
    },
  )
}

const RANGE = /^bytes=(\d{1,15})-(\d{0,15})$/

/** What a player asks for when it seeks; any other form of range is answered with the whole file. */
function requestedRange(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | undefined {
  const [, first, last] = RANGE.exec(header ?? '') ?? []
  if (first === undefined) return undefined
  const start = Number(first)
  const end = last ? Math.min(Number(last), bytes - 1) : bytes - 1
  return start <= end ? { start, end } : undefined
}
