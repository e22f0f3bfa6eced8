import type { IncidentEvent } from '../../protocol/incident.ts'

/** The type of the event as words, what it is about, and why. */
export function eventLine(event: IncidentEvent): string {
  const about = [
    event.type === 'noted' ? event.as : undefined,
    'finding' in event && 'subject' in event.finding ? event.finding.subject : undefined,
    'key' in event ? event.key.replace(/^\w+:/, '') : undefined,
    'keys' in event ? event.keys.join(', ') : undefined,
    'title' in event ? event.title : undefined,
    'from' in event && 'to' in event ? `${event.from} to ${event.to}` : undefined,
    event.type === 'data_at_risk' ? event.what : undefined,
    event.type === 'mitigation_applied' ? `${event.kind}: ${event.what}` : undefined,
    'effect' in event ? event.effect.words : undefined,
    'item' in event ? `${event.item} ${event.outcome}` : undefined,
    'owner' in event && event.owner !== undefined ? `by ${event.owner}` : undefined,
    event.type === 'ticket_opened' ? `${event.ticket.key} (${event.ticket.tracker})` : undefined,
    event.type === 'postmortem_moved' ? event.to.replace('_', ' ') : undefined,
    event.type === 'watch_started' ? `until ${new Date(event.until).toISOString()}` : undefined,
    'into' in event ? event.into : undefined,
    'evidence' in event ? `${event.evidence.regionId}: ${event.evidence.message}` : undefined,
    'note' in event ? event.note : undefined,
    'text' in event ? event.text : undefined,
    event.type === 'page_asked' ? event.who : undefined,
    'people' in event ? event.people.map(({ name }) => name).join(', ') : undefined,
    'reason' in event ? event.reason : undefined,
    event.type === 'sweep_begun' ? `${event.queries} queries, ${event.checks} checks` : undefined,
    event.type === 'swept' ? `--json has what each said` : undefined,
  ].filter((part) => part !== undefined && part !== '')
  const what = event.type.replaceAll('_', ' ')
  return about.length === 0 ? what : (`${what}: ${about.join(', ')}`.split('\n', 1)[0] ?? what)
}
