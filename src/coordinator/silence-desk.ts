import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import type { NewSilence, Silence } from '../protocol/suppression.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { markAlertsDue } from './store/alerts.ts'
import { ACTIVE_SILENCES_MAX, findSilence, saveSilence, silencesAt } from './store/silences.ts'
import { coversCheck } from './suppression-desk.ts'

/**
 * Takes down a silence. What it covers is looked at again at once.
 *
 * @throws {AppError} `request.invalid` when it names something that is not defined, `request.too_many`
 * when there are too many.
 */
export async function addSilence(
  parts: CoordinatorParts,
  { forMs, ...asked }: z.output<typeof NewSilence> & { author: string },
): Promise<Silence> {
  const { store, clock, fleet } = parts
  requireKnown('service', asked.scope.services, fleet.services)
  requireKnown('check', asked.scope.checks, fleet.checks)
  requireKnown('region', asked.scope.regions, fleet.regions)
  const now = clock.now()
  const silence: Silence = { id: randomUUID(), ...asked, createdAt: now, until: now + forMs }
  await store.transaction(async (tx) => {
    if ((await silencesAt(tx, now)).length >= ACTIVE_SILENCES_MAX)
      throw new AppError('request.too_many', `at most ${ACTIVE_SILENCES_MAX} silences at once`)
    await saveSilence(tx, silence)
  })
  await lookAgain(parts, silence)
  return silence
}

/**
 * Ends a silence before its time; one that is over stays as it is. What it covered is looked at again
 * at once, and told if it still fires.
 *
 * @throws {AppError} `silence.unknown`
 */
export async function endSilence(
  parts: CoordinatorParts,
  id: string,
  author: string,
): Promise<Silence> {
  const { store, clock } = parts
  const { silence, isNew } = await store.transaction(async (tx) => {
    const found = await findSilence(tx, id)
    if (!found) throw new AppError('silence.unknown', id)
    if (found.endedAt !== undefined || found.until <= clock.now())
      return { silence: found, isNew: false }
    const over = { ...found, endedAt: clock.now(), endedBy: author }
    await saveSilence(tx, over)
    return { silence: over, isNew: true }
  })
  if (isNew) await lookAgain(parts, silence)
  return silence
}

async function lookAgain(parts: CoordinatorParts, silence: Silence): Promise<void> {
  const { store, fleet, feed, wake } = parts
  const covered = fleet.checks.filter((check) => coversCheck(silence, check))
  await markAlertsDue(
    store,
    covered.map(({ id }) => id),
  )
  feed.publish([{ type: 'silence', silenceId: silence.id }])
  wake.evaluateAlerts()
}

function requireKnown(
  what: string,
  names: readonly string[] | undefined,
  defined: readonly { id: string }[],
): void {
  const unknown = names?.find((name) => !defined.some(({ id }) => id === name))
  if (unknown !== undefined)
    throw new AppError('request.invalid', `scope: there is no ${what} ${unknown}`)
}
