import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, codeOf, messageOf } from '../../base/app-error.ts'
import { type BackoffLimits, backoffMs } from '../../base/backoff.ts'
import { PROBE_SECRET_PREFIX } from '../../protocol/probe-api.ts'
import { waitFor } from '../../runtime/deadline.ts'
import type { Lifecycle } from '../../runtime/lifecycle.ts'
import type { Logger } from '../../runtime/logger.ts'
import { syncFolder } from '../spool/journal-writer.ts'
import type { CoordinatorClient } from './coordinator-client.ts'

/**
 * What a probe shows the coordinator: a credential of its own, which only it and the hash at the
 * coordinator know, or the token that all probes share.
 *
 * - no file: the enrolment token of the environment is exchanged for one. The secret is made and on disk
 *   before it is asked for, so that an answer that is lost, or a `kill -9`, is asked for again.
 * - `credential.json`: it counts. Another enrolment token in the environment replaces it, once that was
 *   exchanged; until then the present one goes on counting.
 */
export type ProbeCredential = {
  /** As it is at this moment. */
  token(): string
  /** What is still to be exchanged. */
  pending: { enrolmentToken: string; secretHash: string } | undefined
  /** It was exchanged: from here on it counts. */
  adopt(): Promise<void>
}

const Kept = z.object({
  secret: z.string().startsWith(PROBE_SECRET_PREFIX),
  /** Hash of the enrolment token that it is or was exchanged for. */
  enrolment: z.string(),
})
type Kept = z.infer<typeof Kept>

const SECRET_BYTES = 32
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * @throws {AppError} `environment.invalid` when there is nothing to show.
 */
export async function openProbeCredential(
  folder: string,
  {
    sharedToken,
    enrolmentToken,
  }: { sharedToken: string | undefined; enrolmentToken: string | undefined },
): Promise<ProbeCredential> {
  const file = join(folder, 'credential.json')
  const pendingFile = join(folder, 'credential.pending.json')
  let kept = await readKept(file)
  const enrolment = enrolmentToken === undefined ? undefined : sha256(enrolmentToken)
  const isEnrolled = enrolment === undefined || kept?.enrolment === enrolment
  const pending = isEnrolled ? undefined : await pendingFor(folder, pendingFile, enrolment)
  if (!kept && !pending && sharedToken === undefined)
    throw new AppError(
      'environment.invalid',
      'FIREWATCH_ENROLMENT_TOKEN: is not set; an admin makes one with: firewatch token enrol',
    )
  return {
    token: () => kept?.secret ?? sharedToken ?? pending?.secret ?? '',
    pending:
      pending && enrolmentToken !== undefined
        ? { enrolmentToken, secretHash: sha256(pending.secret) }
        : undefined,
    async adopt() {
      await rename(pendingFile, file)
      await syncFolder(folder)
      kept = pending
    },
  }
}

/** The secret that this enrolment token is exchanged for, the same at each try. */
async function pendingFor(folder: string, file: string, enrolment: string): Promise<Kept> {
  const begun = await readKept(file)
  if (begun?.enrolment === enrolment) return begun
  const secret = PROBE_SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
  const made = { secret, enrolment }
  await mkdir(folder, { recursive: true })
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(made))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await syncFolder(folder)
  return made
}

async function readKept(file: string): Promise<Kept | undefined> {
  try {
    return Kept.safeParse(JSON.parse(await readFile(file, 'utf8'))).data
  } catch (error) {
    // One that cannot be read is as none: another enrolment makes another one.
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

const RETRY: BackoffLimits = { firstMs: 1_000, maxMs: 60_000 }

/** Exchanges what is pending, again and again until it is done; the probe measures meanwhile. */
export function startEnrolling({
  credential,
  client,
  probeId,
  lifecycle,
  logger,
  random,
}: {
  credential: ProbeCredential
  client: CoordinatorClient
  probeId: string
  lifecycle: Lifecycle
  logger: Logger
  random: () => number
}): void {
  const { pending } = credential
  if (!pending) return
  const { enrolmentToken, secretHash } = pending

  async function enrol(): Promise<void> {
    for (let attempts = 1; !lifecycle.signal.aborted; attempts++) {
      try {
        const request = { token: enrolmentToken, probeId, secretHash }
        const { regionId } = await client.enrol(request, lifecycle.signal)
        await credential.adopt()
        return logger.info({ probeId, regionId }, 'the probe has a credential of its own')
      } catch (error) {
        if (lifecycle.signal.aborted) return
        logger.warn({ error: messageOf(error), attempts }, 'the probe is not enrolled yet')
      }
      await waitFor(backoffMs(attempts, RETRY, random()), lifecycle.signal)
    }
  }
  const done = enrol()
  lifecycle.onStop('enrolment', () => done)
}
