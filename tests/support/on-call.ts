import type { Contact, Ladder, OnCall } from '../../src/protocol/on-call.ts'

const MINUTE_MS = 60_000

const NOBODY: Ladder = {
  steps: [],
  rounds: 1,
  acknowledgeWithinMs: 5 * MINUTE_MS,
  acknowledgementLastsMs: 60 * MINUTE_MS,
}

/** The first is primary and the second secondary of the team that owns the storefront, for good. */
export function anOnCall(
  contacts: Record<string, Contact[]>,
  overrides: Partial<OnCall> = {},
): OnCall {
  const ids = Object.keys(contacts)
  const [first = 'first-responder', ...others] = ids
  return {
    people: ids.map((id) => ({ id, name: id, zone: 'UTC', contacts: contacts[id] ?? [] })),
    teams: [
      {
        id: 'shop',
        name: 'Shop',
        services: ['storefront'],
        members: ids,
        manager: ids.at(-1) ?? first,
      },
    ],
    rotations: [
      {
        id: 'shop-weekly',
        teamId: 'shop',
        name: 'Shop weekly',
        versions: [
          {
            effectiveFrom: '2020-01-06T09:00',
            zone: 'UTC',
            anchor: '2020-01-06T09:00',
            every: { count: 12, unit: 'month' },
            participants: [first],
            restrictions: [],
            secondary: { kind: 'order', participants: others.length > 0 ? others : [first] },
            shadows: [],
          },
        ],
      },
    ],
    ladders: {
      'SEV-1': {
        steps: [
          { afterMs: 0, page: [{ kind: 'owner', role: 'primary' }] },
          { afterMs: 5 * MINUTE_MS, page: [{ kind: 'owner', role: 'secondary' }] },
        ],
        rounds: 2,
        acknowledgeWithinMs: 5 * MINUTE_MS,
        acknowledgementLastsMs: 20 * MINUTE_MS,
      },
      'SEV-2': {
        steps: [{ afterMs: 0, page: [{ kind: 'owner', role: 'primary' }] }],
        rounds: 1,
        acknowledgeWithinMs: 15 * MINUTE_MS,
        acknowledgementLastsMs: 35 * MINUTE_MS,
      },
      'SEV-3': NOBODY,
      'SEV-4': NOBODY,
    },
    responders: [],
    ...overrides,
  }
}

export const aPhone = (topic: string, url: string): Contact => ({
  id: 'phone',
  kind: 'ntfy',
  url,
  topic,
  verified: '2026-03-01',
})
