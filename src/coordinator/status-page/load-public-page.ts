import { AppError } from '../../base/app-error.ts'
import { DAY_MS, DAYS_SHOWN, dayOf } from '../../domain/status-page/day-bars.ts'
import { type PublicPage, publicPage } from '../../domain/status-page/public-page.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { postedUpdates, publishedIncidents } from '../store/incidents.ts'
import { measuredDays } from '../store/measured-days.ts'

/** Incidents of the page; of ninety days that is one every other day. */
const INCIDENTS_MAX = 50

/**
 * Loads what the public is shown.
 *
 * @throws {AppError} `request.not_found` where there is no status page.
 */
export async function loadPublicPage({
  store,
  fleet,
  clock,
}: Pick<CoordinatorParts, 'store' | 'fleet' | 'clock'>): Promise<PublicPage> {
  const { statusPage: page, checks } = fleet
  if (!page) throw new AppError('request.not_found', 'config/status-page.yaml makes a status page')
  const now = clock.now()
  const since = dayOf(now) - (DAYS_SHOWN - 1) * DAY_MS
  const incidents = await publishedIncidents(store, INCIDENTS_MAX)
  const updates = await postedUpdates(
    store,
    incidents.map(({ id }) => id),
  )
  return publicPage({
    page,
    published: incidents.map((incident) => ({
      incident,
      updates: updates.flatMap(({ incidentId, event }) =>
        incidentId === incident.id ? [event] : [],
      ),
    })),
    checks,
    measuredDays: await measuredDays(
      store,
      checks.map(({ id }) => id),
      since,
    ),
    now,
  })
}
