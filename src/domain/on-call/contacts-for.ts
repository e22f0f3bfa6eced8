import type { Contact, ContactKind, Person } from '../../protocol/on-call.ts'

/**
 * How a person is paged by a step: by their verified contacts of the kinds that it names, in that order.
 * Somebody who has none of those is paged by every verified one, because a page in the wrong way is
 * better than none. None at all: they cannot be reached.
 */
export function contactsFor({ contacts }: Person, by?: readonly ContactKind[]): Contact[] {
  const verified = contacts.filter((contact) => contact.verified !== undefined)
  const asked = by?.flatMap((kind) => verified.filter((contact) => contact.kind === kind)) ?? []
  return asked.length > 0 ? asked : verified
}
