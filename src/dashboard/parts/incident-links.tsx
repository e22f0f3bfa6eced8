import type { ComponentChildren } from 'preact'
import type { Incident } from '../../protocol/incident.ts'
import { pageAddress } from '../routing/route.ts'
import { TicketLink } from './ticket-link.tsx'

/** Where an incident came from and went to, and why it was set aside or resolved. */
export function IncidentLinks({ incident }: { incident: Incident }) {
  const { mergedInto, absorbed = [], splitFrom, splitInto = [], declined, resolved } = incident
  const { postmortem, ticket } = incident
  const parts: [string, ComponentChildren][] = []
  if (mergedInto !== undefined) parts.push(['A part of', <IncidentLink id={mergedInto} />])
  for (const id of absorbed) parts.push(['With', <IncidentLink id={id} />])
  if (splitFrom !== undefined) parts.push(['Split off', <IncidentLink id={splitFrom} />])
  for (const id of splitInto) parts.push(['Went apart as', <IncidentLink id={id} />])
  if (declined)
    parts.push([
      `${declined.by} says`,
      `${declined.reason}${declined.ticket === undefined ? '' : ` (${declined.ticket})`}`,
    ])
  if (ticket) parts.push(['Ticket', <TicketLink ticket={ticket} />])
  if (resolved)
    parts.push([
      resolved.as === 'cause_fixed' ? 'The cause' : 'Accepted',
      `${resolved.reason} (${resolved.by})`,
    ])
  if (postmortem)
    parts.push([
      'Postmortem',
      <a href={pageAddress.postmortem(incident.id)}>{postmortem.state.replace('_', ' ')}</a>,
    ])
  if (parts.length === 0) return null
  return (
    <ul class="incident-links">
      {parts.map(([words, what], index) => (
        // They never change their order; the same incident may come twice.
        <li key={index}>
          <span class="quiet">{words}</span> {what}
        </li>
      ))}
    </ul>
  )
}

const IncidentLink = ({ id }: { id: string }) => <a href={pageAddress.incident(id)}>{id}</a>
