import type { Fleet } from '../../protocol/config.ts'
import type { Destination, Senders } from '../../protocol/destination.ts'
import { destinationOf } from './order-contacts.ts'

/** A secret by the name of its variable, and which channels and contacts are not reached without it. */
export type NeededSecret = { variable: string; usedBy: string[] }

/** The secrets by which channels, people and stakeholders are reached, each once. */
export function neededSecrets({
  channels,
  senders = {},
  onCall,
}: Pick<Fleet, 'channels' | 'senders' | 'onCall'>): NeededSecret[] {
  const reached: { name: string; destination: Destination }[] = [
    ...channels.map((channel) => ({ name: channel.id, destination: channel })),
    ...(onCall?.people ?? []).flatMap((person) =>
      person.contacts.map((contact) => ({
        name: `${person.id}/${contact.id}`,
        destination: destinationOf(contact),
      })),
    ),
    ...(onCall?.stakeholders ?? []).flatMap((stakeholder) =>
      stakeholder.contacts.map(({ id, destination }) => ({
        name: `${stakeholder.id}/${id}`,
        destination,
      })),
    ),
  ]
  const needed = reached.flatMap(({ name, destination }) => {
    const variable = variableOf(destination, senders)
    return variable === undefined ? [] : [{ variable, name }]
  })
  return [...Map.groupBy(needed, ({ variable }) => variable)].map(([variable, users]) => ({
    variable,
    usedBy: users.map(({ name }) => name),
  }))
}

/** As the notifiers choose it. */
function variableOf(destination: Destination, senders: Senders): string | undefined {
  switch (destination.kind) {
    case 'email':
      return senders.email?.server ?? 'SMTP_URL'
    case 'slack':
      return destination.token ?? senders.slack?.token ?? 'SLACK_BOT_TOKEN'
    case 'ntfy':
      return destination.token ?? senders.ntfy?.token
    case 'webhook':
      return destination.secret
    case 'pagerduty':
      return destination.routingKey
    case 'opsgenie':
    case 'jsm':
      return destination.apiKey
    case 'voice':
    case 'sms':
      return senders.voice?.token ?? 'TWILIO_AUTH_TOKEN'
  }
}
