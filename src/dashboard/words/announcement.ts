import type { IncidentSummary } from '../../protocol/public-api.ts'

/**
 * What a screen reader should say after the open incidents changed; undefined when nothing did that
 * matters. Only news: which opened, moved, became more severe or are no longer open.
 */
export function announcement(
  before: readonly IncidentSummary[],
  after: readonly IncidentSummary[],
): string | undefined {
  const news: string[] = []
  for (const incident of after) {
    const known = before.find(({ id }) => id === incident.id)
    if (!known)
      news.push(`${incident.severity} incident ${incident.id} is open: ${incident.title}.`)
    else if (known.state !== incident.state) news.push(`${incident.id} is ${incident.state}.`)
    else if (known.severity !== incident.severity)
      news.push(`${incident.id} is now ${incident.severity}.`)
  }
  for (const { id } of before)
    if (!after.some((incident) => incident.id === id)) news.push(`${id} is no longer open.`)
  return news.length === 0 ? undefined : news.join(' ')
}
