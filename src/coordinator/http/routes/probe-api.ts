import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { AppError } from '../../../base/app-error.ts'
import { onCallPlan } from '../../../domain/on-call/on-call-plan.ts'
import { ArtifactName, RegionId, RunId } from '../../../protocol/ids.ts'
import { OnCallPlan } from '../../../protocol/on-call-plan.ts'
import {
  ARTIFACT_BYTES_MAX,
  BATCH_BYTES_MAX,
  COMMANDS_HELD_MS,
  Commands,
  Enrol,
  Enrolled,
  Heartbeat,
  HeartbeatAnswer,
  IngestEnvelope,
  IngestReceipt,
  PROBE_API_PREFIX,
} from '../../../protocol/probe-api.ts'
import { requireScope } from '../../access/caller.ts'
import { routesAreFor } from '../../access/guard.ts'
import { enrolProbe } from '../../access/token-desk.ts'
import { assignmentFor } from '../../assignment.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { ingestRuns, storeArtifact } from '../../ingest.ts'
import { loadRoster } from '../../on-call-desk.ts'
import { hearRegion, saveHeartbeat } from '../../store/probes.ts'

/** A token, a name and a hash. */
const ENROL_BYTES_MAX = 2 * 1024

/** What probes call; see `protocol/probe-api.ts`. */
export function registerProbeApi(
  server: FastifyInstance,
  parts: CoordinatorParts,
  /** Ends requests that are held open. */
  stopSignal: AbortSignal,
): void {
  const { store, clock, fleet } = parts
  const requireRegion = (regionId: string) => {
    if (!fleet.regions.some((region) => region.id === regionId))
      throw new AppError('region.unknown', `${regionId} is not in config/regions.yaml`)
  }

  server.register(
    async (scope) => {
      routesAreFor(scope, 'probe')
      const routes = scope.withTypeProvider<ZodTypeProvider>()

      routes.get(
        '/assignment',
        { schema: { hide: true, querystring: z.object({ region: RegionId }) } },
        async (request) => {
          requireRegion(request.query.region)
          requireScope(request.caller, { regionId: request.query.region })
          return assignmentFor(fleet, request.query.region)
        },
      )

      routes.get(
        '/on-call-plan',
        { schema: { hide: true, response: { 200: OnCallPlan } } },
        async () => {
          const now = clock.now()
          return onCallPlan(await loadRoster(store, fleet, now), now)
        },
      )

      routes.get(
        '/commands',
        {
          schema: {
            hide: true,
            querystring: z.object({ region: RegionId }),
            response: { 200: Commands },
          },
        },
        async (request, reply) => {
          const { region } = request.query
          requireRegion(region)
          requireScope(request.caller, { regionId: region })
          const hasGone = new AbortController()
          reply.raw.once('close', () => hasGone.abort())
          const over = AbortSignal.timeout(COMMANDS_HELD_MS)
          const commands = await parts.commands.next(
            region,
            AbortSignal.any([stopSignal, hasGone.signal, over]),
          )
          if (!commands)
            throw new AppError('request.too_many', `too many probes of ${region} listen already`)
          return { now: clock.now(), commands }
        },
      )

      routes.post(
        '/heartbeat',
        { schema: { hide: true, body: Heartbeat, response: { 200: HeartbeatAnswer } } },
        async (request) => {
          const heartbeat = request.body
          requireRegion(heartbeat.regionId)
          requireScope(request.caller, heartbeat)
          const now = clock.now()
          await store.transaction(async (tx) => {
            await saveHeartbeat(tx, heartbeat, now)
            await hearRegion(tx, heartbeat.regionId, now)
          })
          parts.feed.publish([{ type: 'region', regionId: heartbeat.regionId }])
          return { now: clock.now(), assignmentHash: assignmentFor(fleet, heartbeat.regionId).hash }
        },
      )

      routes.post(
        '/runs',
        {
          bodyLimit: BATCH_BYTES_MAX,
          schema: { hide: true, body: IngestEnvelope, response: { 200: IngestReceipt } },
        },
        async (request) => {
          requireRegion(request.body.regionId)
          const scope = requireScope(request.caller, request.body)
          return ingestRuns(parts, request.body, scope)
        },
      )

      // The token in the body is what it proves itself by.
      routes.post(
        '/enrol',
        {
          config: { access: 'signed' },
          bodyLimit: ENROL_BYTES_MAX,
          schema: { hide: true, body: Enrol, response: { 200: Enrolled } },
        },
        async (request) => {
          const { probeId } = request.body
          request.deed = { actor: 'unknown', subject: probeId }
          const enrolled = await enrolProbe(parts, request.body)
          request.deed = { actor: `probe ${probeId}`, subject: enrolled.regionId }
          return enrolled
        },
      )

      scope.register(async (files) => registerArtifactUpload(files, parts))
    },
    { prefix: PROBE_API_PREFIX },
  )
}

/** Artifacts are bytes of any kind, JSON too; they are read as a stream, never collected or parsed. */
function registerArtifactUpload(server: FastifyInstance, parts: CoordinatorParts): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  server.withTypeProvider<ZodTypeProvider>().put(
    '/runs/:runId/artifacts/:name',
    {
      bodyLimit: ARTIFACT_BYTES_MAX,
      schema: { hide: true, params: z.object({ runId: RunId, name: ArtifactName }) },
    },
    async (request, reply) => {
      const content = request.body as AsyncIterable<Buffer>
      const { caller } = request
      const scope = caller.kind === 'probe' ? caller.scope : undefined
      await storeArtifact(parts, request.params, content, scope)
      return reply.code(204).send()
    },
  )
}
