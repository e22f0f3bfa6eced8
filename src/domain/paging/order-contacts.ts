import type { Destination } from '../../protocol/destination.ts'
import type { Contact, ContactKind, Person } from '../../protocol/on-call.ts'
import { contactsFor } from '../on-call/contacts-for.ts'

/**
 * By which contacts a step reaches a person. A step that names kinds prefers them in that order: the
 * first rings at once, and each of the others, then every other verified one, when the one before it
 * failed. A step that names none rings all that are verified at once.
 */
export function orderContacts(
  person: Person,
  by: readonly ContactKind[] | undefined,
): { first: Contact[]; fallbacks: Contact[] } {
  const wanted = contactsFor(person, by)
  if (by === undefined) return { first: wanted, fallbacks: [] }
  const others = contactsFor(person).filter(({ id }) =>
    wanted.every((contact) => contact.id !== id),
  )
  return { first: wanted.slice(0, 1), fallbacks: [...wanted.slice(1), ...others] }
}

/**
 * Without the telephones whose number gets text messages as well: what is no page comes to both as a text,
 * and once is enough.
 */
export const withoutEcho = <T>(told: readonly T[], where: (one: T) => Destination): T[] => {
  const texted = told.map(where).flatMap((to) => (to.kind === 'sms' ? [to.phone] : []))
  return told.filter((one) => {
    const to = where(one)
    return to.kind !== 'voice' || !texted.includes(to.phone)
  })
}

/** Where a contact is, as the notifiers know it. */
export function destinationOf(contact: Contact): Destination {
  switch (contact.kind) {
    case 'email':
      return { kind: 'email', to: contact.address }
    case 'ntfy': {
      const { url, topic, token } = contact
      return { kind: 'ntfy', url, topic, ...(token !== undefined && { token }) }
    }
    case 'slack':
      return { kind: 'slack', channel: contact.user, token: contact.token }
    case 'webhook':
      return { kind: 'webhook', url: contact.url, secret: contact.secret }
    case 'pagerduty':
      return { kind: 'pagerduty', routingKey: contact.routingKey }
    case 'opsgenie':
    case 'jsm':
      return { kind: contact.kind, apiKey: contact.apiKey }
    case 'voice':
    case 'sms':
      return { kind: contact.kind, phone: contact.phone }
  }
}
