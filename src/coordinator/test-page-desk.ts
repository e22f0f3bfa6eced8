import { randomUUID } from 'node:crypto'
import { AppError } from '../base/app-error.ts'
import { destinationOf } from '../domain/paging/order-contacts.ts'
import type { Notification } from '../protocol/notification.ts'
import type { Person } from '../protocol/on-call.ts'
import type { TestPage } from '../protocol/test-page-api.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { addToOutbox, deliveriesOf } from './store/outbox.ts'

/**
 * Test pages go through the outbox and the notifiers as every page does, so that what they show is what
 * a page would. They are of no incident: their deliveries are filed under the test's id.
 */

const filedUnder = (testId: string) => `test:${testId}`

/** @throws {AppError} `person.unknown` when nobody of that name is in config/on-call.yaml. */
export async function startTestPage(
  parts: CoordinatorParts,
  personId: string,
  by: string,
): Promise<TestPage> {
  const { clock, store, wake } = parts
  const person = personOf(parts, personId)
  const testId = randomUUID()
  const now = clock.now()
  const body: Notification = {
    type: 'page.test',
    timestamp: new Date(now).toISOString(),
    data: {
      headline: `Test page for ${person.name}`,
      person: { id: person.id, name: person.name },
      reason: `${by} tests whether you can be reached. Nothing is wrong, and there is nothing to do.`,
    },
  }
  await store.transaction((tx) =>
    addToOutbox(
      tx,
      person.contacts.map((contact, rank) => ({
        deliveryId: `${testId}.${person.id}.${contact.id}`,
        channelId: `${person.id}/${contact.id}`,
        incidentId: filedUnder(testId),
        sequence: 0,
        eventType: 'page.test',
        body: JSON.stringify(body),
        personal: { step: '', personId, destination: destinationOf(contact), rank },
      })),
      now,
    ),
  )
  wake.deliver()
  return describe(parts, testId, person)
}

/** @throws {AppError} `person.unknown` when there is no such test. */
export async function findTestPage(parts: CoordinatorParts, testId: string): Promise<TestPage> {
  const [first] = await deliveriesOf(parts.store, filedUnder(testId))
  if (first?.personId === undefined) throw new AppError('person.unknown', testId)
  return describe(parts, testId, personOf(parts, first.personId))
}

async function describe(
  { store }: CoordinatorParts,
  testId: string,
  person: Person,
): Promise<TestPage> {
  const deliveries = await deliveriesOf(store, filedUnder(testId))
  return {
    testId,
    person: { id: person.id, name: person.name },
    contacts: person.contacts.flatMap(({ id, kind, verified }) => {
      const delivery = deliveries.find(({ channelId }) => channelId === `${person.id}/${id}`)
      if (!delivery) return []
      const { state, lastError } = delivery
      return [
        {
          ...{ id, kind, state },
          ...(verified !== undefined && { verified }),
          ...(lastError !== undefined && { lastError }),
        },
      ]
    }),
  }
}

function personOf({ fleet }: CoordinatorParts, id: string): Person {
  const person = fleet.onCall?.people.find((candidate) => candidate.id === id)
  if (!person) throw new AppError('person.unknown', id)
  return person
}
