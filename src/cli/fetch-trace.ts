import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError, messageOf } from '../base/app-error.ts'
import { getArtifact, urlFor } from '../protocol/public-api.ts'
import { adviceFor, ownToken } from './own-token.ts'

const TRACE = 'trace.zip'
/** Coordinators take smaller ones; another program at this address may send anything. */
const TRACE_BYTES_MAX = 500_000_000
const FETCH_MS = 60_000

/**
 * Fetches the trace of a run from a coordinator into a file.
 *
 * @throws {AppError} `artifact.unknown`, `coordinator.unreachable`, `coordinator.refused`
 */
export async function fetchTrace(runId: string, coordinator: string, file: string): Promise<void> {
  const url = new URL(urlFor(getArtifact, { runId, name: TRACE }), coordinator)
  try {
    const token = await ownToken(coordinator)
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(FETCH_MS),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    if (answer.status === 401)
      throw new AppError(
        'request.unauthorized',
        `${coordinator} does not know who asks.\n${adviceFor('request.unauthorized', coordinator, token)}`,
      )
    if (answer.status === 404)
      throw new AppError(
        'artifact.unknown',
        `the coordinator at ${coordinator} has no trace of run ${runId}: none was made, it has not arrived yet, or it was too old to keep`,
      )
    if (!answer.ok || !answer.body)
      throw new AppError(
        'coordinator.refused',
        `${coordinator} answered ${answer.status} to the request for the trace of run ${runId}`,
      )
    await pipeline(Readable.fromWeb(answer.body), atMost(TRACE_BYTES_MAX), createWriteStream(file))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError(
      'coordinator.unreachable',
      `the trace of run ${runId} cannot be fetched from ${coordinator}: ${messageOf(cause)}`,
      { cause },
    )
  }
}

function atMost(bytesMax: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes <= bytesMax) done(null, chunk)
      else done(new AppError('coordinator.refused', `the trace has more than ${bytesMax} bytes`))
    },
  })
}
