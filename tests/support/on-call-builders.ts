import { DEFAULT_LADDERS } from '../../src/definitions/default-ladders.ts'
import type {
  Absence,
  Contact,
  OnCall,
  Override,
  Person,
  Rotation,
  RotationVersion,
  Swap,
} from '../../src/protocol/on-call.ts'
import { at } from './builders.ts'

/** On-call as `config/on-call.yaml` would say it; a test states only what matters to it. */

const push: Contact = {
  id: 'push',
  kind: 'ntfy',
  url: 'https://ntfy.example.com',
  topic: 'pages',
  verified: '2026-01-02',
}

export const aPerson = (id: string, overrides: Partial<Person> = {}): Person => ({
  ...{ id, name: id, zone: 'UTC' },
  contacts: [push],
  ...overrides,
})

/** Weekly from Monday, 5 January 2026, 09:00 UTC: a, b, c, a … */
export const aVersion = (overrides: Partial<RotationVersion> = {}): RotationVersion => ({
  effectiveFrom: '2026-01-05T09:00',
  zone: 'UTC',
  anchor: '2026-01-05T09:00',
  every: { count: 1, unit: 'week' },
  participants: ['a', 'b', 'c'],
  restrictions: [],
  shadows: [],
  ...overrides,
})

export const aRotation = (
  versions: Partial<RotationVersion>[] = [{}],
  overrides: Partial<Rotation> = {},
): Rotation => ({
  ...{ id: 'weekly', name: 'weekly', teamId: 'shop' },
  versions: versions.map(aVersion),
  ...overrides,
})

/** The team `shop` owns `storefront`; `a`, `b`, `c` take turns, `d` leads. */
export const anOnCall = (overrides: Partial<OnCall> = {}): OnCall => ({
  people: ['a', 'b', 'c', 'd'].map((id) => aPerson(id)),
  teams: [
    { id: 'shop', name: 'Shop', services: ['storefront'], members: ['a', 'b', 'c'], lead: 'd' },
  ],
  rotations: [aRotation()],
  ladders: DEFAULT_LADDERS,
  responders: [],
  ...overrides,
})

const said = (from: string, until: string) => ({
  id: '00000000-0000-4000-8000-000000000000',
  ...{ from: at(from), until: at(until), author: 'd', createdAt: at('2026-01-01T00:00:00Z') },
})

export const anOverride = (
  personId: string,
  from: string,
  until: string,
  overrides: Partial<Override> = {},
): Override => ({
  ...said(from, until),
  ...{ kind: 'override', rotationId: 'weekly', role: 'primary', personId },
  ...overrides,
})

export const aSwap = (between: [string, string], from: string, until: string): Swap => ({
  ...said(from, until),
  ...{ kind: 'swap', rotationId: 'weekly', role: 'primary', between },
})

export const anAbsence = (personId: string, from: string, until: string): Absence => ({
  ...said(from, until),
  ...{ kind: 'absence', personId },
})
