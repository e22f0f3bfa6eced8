import { z } from 'zod'
import type { VendorPage } from '../../domain/signal/judge-vendor.ts'
import { where } from './alertmanager.ts'
import { instantOf, malformed } from './signal-reader.ts'

/** Entries of one page that are looked at. */
const ENTRIES_MAX = 2_000

const named = z.object({ name: z.string() })

const Summary = z.object({
  components: z
    .array(named.extend({ status: z.string(), group: z.boolean().nullish() }))
    .max(ENTRIES_MAX),
  incidents: z
    .array(
      named.extend({
        status: z.string(),
        impact: z.string().nullish(),
        shortlink: z.string().nullish(),
        started_at: z.string().nullish(),
        created_at: z.string().nullish(),
        components: z.array(named).nullish(),
        incident_updates: z
          .array(z.object({ affected_components: z.array(named).nullish() }))
          .nullish(),
      }),
    )
    .max(ENTRIES_MAX)
    .default([]),
})

/**
 * Reads `/api/v2/summary.json` of a Statuspage.
 *
 * @throws {AppError} `signal.malformed` when it is none.
 */
export function readStatuspage(body: unknown): VendorPage {
  const summary = Summary.safeParse(body)
  if (!summary.success) throw malformed(`no summary of a Statuspage: ${where(summary.error)}`)
  const { components, incidents } = summary.data
  return {
    components: components.map(({ name, status, group }) => ({
      name,
      status,
      isGroup: group === true,
    })),
    incidents: incidents.map((incident) => ({
      name: incident.name,
      status: incident.status,
      impact: incident.impact ?? 'none',
      link: incident.shortlink ?? undefined,
      startedAt: instantOf(incident.started_at ?? incident.created_at ?? undefined),
      touches: [
        ...(incident.components ?? []),
        ...(incident.incident_updates ?? []).flatMap((update) => update.affected_components ?? []),
      ].map(({ name }) => name),
    })),
  }
}
