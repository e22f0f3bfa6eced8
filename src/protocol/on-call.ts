import { z } from 'zod'
import type { Destination } from './destination.ts'
import type { FindingKind, Layer } from './finding-kind.ts'
import {
  Instant,
  NAME_LENGTH_MAX,
  PersonId,
  type RotationId,
  type ServiceId,
  type TeamId,
} from './ids.ts'
import type { LogPatternName } from './query.ts'
import type { Severity } from './severity.ts'
import type { WrittenContact } from './written-on-call.ts'

/**
 * Who is on call, and who is paged when. What `config/on-call.yaml` says is here with every default
 * applied; how it is written is in `written-on-call.ts`. Overrides, swaps and absences are said while
 * the fleet runs, and kept by the coordinator.
 */

/** One way to reach a person. Only one that is verified is paged. */
export type Contact = WrittenContact
export type ContactKind = Contact['kind']
export type ContactOf<K extends ContactKind> = { [T in K]: Extract<Contact, { kind: T }> }[K]

export type Person = {
  id: PersonId
  name: string
  email?: string
  /** IANA zone: in which the person is told times. */
  zone: string
  contacts: Contact[]
}

export type Team = {
  id: TeamId
  name: string
  /** Whose incidents are theirs. No service is owned by two. */
  services: ServiceId[]
  members: PersonId[]
  lead?: PersonId
  manager?: PersonId
}

export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

/** When a rotation is on call at all, by the clock of its zone; always where it has none. */
export type Restriction = {
  /** Monday is 1. The day on which it begins. */
  days: Weekday[]
  /** Minutes since midnight. */
  from: number
  /** Not after `from`: it ends on the next day. */
  until: number
}

export const ROTATION_UNITS = ['hour', 'day', 'week', 'month'] as const
export type RotationUnit = (typeof ROTATION_UNITS)[number]

export type RotationVersion = {
  /** Local date and time in the zone: from then on this version is what counts. */
  effectiveFrom: string
  /** IANA zone of every time of this version. */
  zone: string
  /** Local date and time of one hand-off; the first of `participants` is on call from then on. */
  anchor: string
  every: { count: number; unit: RotationUnit }
  participants: PersonId[]
  restrictions: Restriction[]
  /**
   * Who stands behind the one on call: whoever is next in the order, or an order of its own with the
   * same hand-offs; nobody when absent.
   */
  secondary?: { kind: 'next' } | { kind: 'order'; participants: PersonId[] }
  /** They are told what the one on call is, and nobody waits for them. */
  shadows: PersonId[]
}

/** Something that whoever is on call must be able to reach, and how they find out that they can. */
export type AccessItem = { name: string; test: string; url?: string }

export type Rotation = {
  id: RotationId
  teamId: TeamId
  name: string
  /** In the order in which they take effect; at least one. */
  versions: RotationVersion[]
  /** What they try when their shift begins; nothing when absent. */
  access?: AccessItem[]
}

export const RotationRole = z.enum(['primary', 'secondary'])
export type RotationRole = z.infer<typeof RotationRole>

export const TeamRole = z.enum(['primary', 'secondary', 'lead', 'manager', 'everyone'])
export type TeamRole = z.infer<typeof TeamRole>

/**
 * What can be paged. A team's primary and secondary are those of the first of its rotations that has
 * somebody on call; a team without a manager is managed by its lead.
 */
export type Duty =
  | { kind: 'rotation'; rotationId: RotationId; role: RotationRole }
  | { kind: 'team'; teamId: TeamId; role: TeamRole }
  | { kind: 'person'; personId: PersonId }

/** What a step of a ladder pages: a duty, or one of the team that owns the service. */
export type PageTarget = Duty | { kind: 'owner'; role: TeamRole }

/** Most times that a ladder is gone through. */
export const LADDER_ROUNDS_MAX = 3

export type LadderStep<T = PageTarget> = {
  /** Since the decision to page, or since this round began. Steps are in the order of it. */
  afterMs: number
  page: T[]
  /** By which kinds of contact; see `domain/on-call/contacts-for.ts`. */
  by?: ContactKind[]
}

export type Ladder<T = PageTarget> = {
  /** None: nobody is paged. */
  steps: LadderStep<T>[]
  /** How often it is gone through, until somebody acknowledges. */
  rounds: number
  /** Within which an acknowledgement is expected; a round is over so long after its last step. */
  acknowledgeWithinMs: number
  /** How long an acknowledgement holds when nobody says more about the incident: then it is paged again. */
  acknowledgementLastsMs: number
}

/** Somebody more to tell, by what is wrong. All that is said must be true of one finding. */
export type ResponderRule = {
  id: string
  when: {
    severities?: Severity[]
    services?: ServiceId[]
    finding?: FindingKind
    layer?: Layer
    /** It comes from a query of this log pattern. */
    pattern?: LogPatternName
    /** Any of these words is in its subject or reason, whatever the case. */
    says?: string[]
  }
  /** A notice wants no acknowledgement, and goes out once. */
  as: 'page' | 'notice'
  /** One sentence; quoted to those who are told. */
  because: string
  ladder: Ladder<Duty>
}

/** An audience that is kept informed of an incident, and never paged. */
export type Stakeholder = {
  id: string
  name: string
  /** Of incidents of this severity and worse. */
  severity: Severity
  /** Of all when absent. */
  services?: ServiceId[]
  contacts: { id: string; destination: Destination }[]
}

/** When each team is told of what nobody was called for. */
export type Digest = {
  day: Weekday
  /** Minutes since midnight. */
  at: number
  /** By which clock; by that of the team's first rotation when absent. */
  zone?: string
}

export type OnCall = {
  people: Person[]
  teams: Team[]
  rotations: Rotation[]
  ladders: Record<Severity, Ladder>
  responders: ResponderRule[]
  /** The team of services that no team owns. */
  otherwise?: TeamId
  /** Who is told when a ladder is at its end and nobody has acknowledged. */
  lastResort?: Duty
  /** Who is kept informed; nobody when absent. */
  stakeholders?: Stakeholder[]
  /** When backlogs are told of; never when absent. */
  digest?: Digest
}

/** Longest override, swap or absence. */
export const ON_CALL_CHANGE_MS_MAX = 366 * 86_400_000
const REASON_LENGTH_MAX = 500

const reason = z.string().trim().min(1).max(REASON_LENGTH_MAX)
const change = {
  id: z.uuid(),
  /** Half open: `until` is no part of it any more. */
  from: Instant,
  until: Instant,
  author: z.string(),
  reason: z.string().optional(),
  createdAt: Instant,
  /** When somebody ended it, and who. What was before then is not changed by that. */
  endedAt: Instant.optional(),
  endedBy: z.string().optional(),
}
const duty = { rotationId: z.string(), role: RotationRole }

/** Somebody has a duty for a while, whoever's turn it is. */
export const Override = z.object({
  ...change,
  ...duty,
  kind: z.literal('override'),
  personId: PersonId,
})
export type Override = z.infer<typeof Override>

/** Two take each other's turns for a while. */
export const Swap = z.object({
  ...change,
  ...duty,
  kind: z.literal('swap'),
  between: z.tuple([PersonId, PersonId]),
})
export type Swap = z.infer<typeof Swap>

/** Somebody is not there: whoever is next in the order has their turns. */
export const Absence = z.object({ ...change, kind: z.literal('absence'), personId: PersonId })
export type Absence = z.infer<typeof Absence>

export const OnCallChange = z.discriminatedUnion('kind', [Override, Swap, Absence])
export type OnCallChange = z.infer<typeof OnCallChange>

/** What holds beside the rotations, or has held. */
export type OnCallChanges = {
  overrides: readonly (Override | Swap)[]
  absences: readonly Absence[]
}

const PersonName = z.string().trim().min(1, 'expected a name').max(NAME_LENGTH_MAX)
/** `author` is for where sign-in is off; else it is who is signed in. */
const asked = {
  from: Instant,
  until: Instant,
  author: PersonName.optional(),
  reason: reason.optional(),
}

/** What somebody asks for. */
export const NewOnCallChange = z.discriminatedUnion('kind', [
  z.strictObject({ ...asked, ...duty, kind: z.literal('override'), personId: PersonId }),
  z.strictObject({
    ...asked,
    ...duty,
    kind: z.literal('swap'),
    between: z.tuple([PersonId, PersonId]),
  }),
  z.strictObject({ ...asked, kind: z.literal('absence'), personId: PersonId }),
])
export type NewOnCallChange = z.infer<typeof NewOnCallChange>

/** `by` is for where sign-in is off; else it is who is signed in. */
export const ConfirmHandOff = z.strictObject({ by: PersonName.optional() })

export const EndOnCallChange = z.strictObject({ author: PersonName.optional() })

/** Nobody pages anybody. */
const NO_LADDER: Ladder = {
  steps: [],
  rounds: 1,
  acknowledgeWithinMs: 86_400_000,
  acknowledgementLastsMs: 7 * 86_400_000,
}

/** Where `config/on-call.yaml` is absent. */
export const NO_ON_CALL: OnCall = {
  people: [],
  teams: [],
  rotations: [],
  ladders: { 'SEV-1': NO_LADDER, 'SEV-2': NO_LADDER, 'SEV-3': NO_LADDER, 'SEV-4': NO_LADDER },
  responders: [],
}
