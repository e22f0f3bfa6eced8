import { z } from 'zod'
import { HandOff } from './hand-off.ts'
import { Instant, PersonId, RotationId, ServiceId, TeamId } from './ids.ts'
import { ConfirmHandOff, EndOnCallChange, NewOnCallChange, OnCallChange } from './on-call.ts'
import type { RouteContract } from './public-api.ts'
import { PATHS } from './public-paths.ts'
import { Severity } from './severity.ts'
import { ContactKindName } from './written-on-call.ts'

/** Who is on call, as the coordinator tells it. No address, topic or key of anybody is part of it. */

/** Longest span that shifts are listed of at once. */
export const SHIFTS_SPAN_MS_MAX = 366 * 86_400_000

/** Somebody, and why it is they; or why it is nobody. */
export const OnDuty = z.union([
  z.object({
    people: z.array(z.object({ id: PersonId, name: z.string() })),
    /** They are told the same, and nobody waits for them. */
    shadows: z.array(z.object({ id: PersonId, name: z.string() })),
    reason: z.string(),
    /** Until then at least it stays so; absent where nothing can change it. */
    until: Instant.optional(),
  }),
  z.object({ nobody: z.string(), until: Instant.optional() }),
])
export type OnDuty = z.infer<typeof OnDuty>

export const OnCallTeam = z.object({
  id: TeamId,
  name: z.string(),
  services: z.array(ServiceId),
  members: z.array(PersonId),
  lead: PersonId.optional(),
  manager: PersonId.optional(),
  primary: OnDuty,
  secondary: OnDuty,
})
export type OnCallTeam = z.infer<typeof OnCallTeam>

/** Who holds one role of a rotation for a while. */
export const HeldRole = z.union([
  z.object({
    personId: PersonId,
    by: z.enum(['turn', 'stand_in', 'swap', 'override']),
    reason: z.string(),
  }),
  z.object({ nobody: z.string() }),
])
export type HeldRole = z.infer<typeof HeldRole>

/** A stretch of time in which the same people are on call by a rotation. `until` is no part of it. */
export const OnCallShift = z.object({
  rotationId: RotationId,
  from: Instant,
  until: Instant,
  primary: HeldRole,
  /** Absent where the rotation has no secondary. */
  secondary: HeldRole.optional(),
  shadows: z.array(PersonId),
})
export type OnCallShift = z.infer<typeof OnCallShift>

export const OnCallRotation = z.object({
  id: RotationId,
  name: z.string(),
  teamId: TeamId,
  /** IANA zone of its hand-offs. */
  zone: z.string(),
  now: OnCallShift,
  /** Absent where nothing changes within a year. */
  next: OnCallShift.optional(),
  /** What whoever takes over tries. */
  access: z
    .array(z.object({ name: z.string(), test: z.string(), url: z.url().optional() }))
    .optional(),
})
export type OnCallRotation = z.infer<typeof OnCallRotation>

export const OnCallPerson = z.object({
  id: PersonId,
  name: z.string(),
  zone: z.string(),
  /** Kinds of their verified contacts; none: no page reaches them. */
  reachedBy: z.array(ContactKindName),
})
export type OnCallPerson = z.infer<typeof OnCallPerson>

export const OnCallNow = z.object({
  at: Instant,
  /** Version of the time zone data that everything is computed by, such as `2026c`. */
  timeZoneData: z.string(),
  people: z.array(OnCallPerson),
  teams: z.array(OnCallTeam),
  rotations: z.array(OnCallRotation),
  /** Who took over a duty that is not over, and whether they have confirmed it; absent for another instant. */
  handOffs: z.array(HandOff).optional(),
})
export type OnCallNow = z.infer<typeof OnCallNow>

const instantQuery = z.coerce.number().int().nonnegative()

export const getOnCall = {
  method: 'GET',
  path: PATHS.onCall,
  access: 'viewer',
  summary: 'Who is on call at an instant, for each team and rotation, and who comes next.',
  query: z.object({ at: instantQuery.optional() }),
  response: OnCallNow,
} as const satisfies RouteContract

export const listOnCallShifts = {
  method: 'GET',
  path: PATHS.onCallShifts,
  access: 'viewer',
  summary: 'The shifts of one rotation, or of all, between two instants; eight weeks when absent.',
  query: z.object({
    from: instantQuery.optional(),
    until: instantQuery.optional(),
    rotation: RotationId.optional(),
  }),
  response: z.object({
    from: Instant,
    until: Instant,
    timeZoneData: z.string(),
    data: z.array(OnCallShift),
    /** Of a rotation with very many shifts: they are listed to here only. */
    listedUntil: Instant,
  }),
} as const satisfies RouteContract

/** What one step of a ladder would page. */
export const LadderStepNow = z.object({
  afterMs: z.number().int().nonnegative(),
  people: z.array(z.object({ id: PersonId, name: z.string(), contacts: z.array(ContactKindName) })),
  /** Why these people, or why nobody. */
  reasons: z.array(z.string()),
})
export type LadderStepNow = z.infer<typeof LadderStepNow>

export const OnCallForService = z.object({
  at: Instant,
  serviceId: ServiceId,
  severity: Severity,
  /** Absent where no team owns the service. */
  team: z.object({ id: TeamId, name: z.string() }).optional(),
  primary: OnDuty,
  secondary: OnDuty,
  /** One round of the ladder, as long as nobody acknowledges; none where nobody is paged. */
  steps: z.array(LadderStepNow),
})
export type OnCallForService = z.infer<typeof OnCallForService>

export const getOnCallForService = {
  method: 'GET',
  path: PATHS.onCallForService,
  access: 'viewer',
  summary: 'Who is on call for a service at an instant, and whom its ladder would page when.',
  params: z.object({ serviceId: ServiceId }),
  query: z.object({ at: instantQuery.optional(), severity: Severity.default('SEV-1') }),
  response: OnCallForService,
} as const satisfies RouteContract

export const ComplaintAboutOnCall = z.object({
  kind: z.string(),
  level: z.enum(['error', 'warning']),
  message: z.string(),
  advice: z.string(),
  from: Instant.optional(),
  until: Instant.optional(),
})
export type ComplaintAboutOnCall = z.infer<typeof ComplaintAboutOnCall>

export const lintOnCall = {
  method: 'GET',
  path: PATHS.onCallLint,
  access: 'viewer',
  summary: 'What the next eight weeks of on-call would leave unpaged, or wear out, in words.',
  response: z.object({
    from: Instant,
    until: Instant,
    complaints: z.array(ComplaintAboutOnCall),
  }),
} as const satisfies RouteContract

export const listOnCallChanges = {
  method: 'GET',
  path: PATHS.onCallChanges,
  access: 'viewer',
  summary: 'Overrides, swaps and absences that are not over, the first to begin first.',
  query: z.object({ since: instantQuery.optional() }),
  response: z.object({ data: z.array(OnCallChange), nextCursor: z.string().nullable() }),
} as const satisfies RouteContract

export const addOnCallChange = {
  method: 'POST',
  path: PATHS.onCallChanges,
  access: 'responder',
  summary: 'Takes down an override, a swap or an absence. One that overlaps another is refused.',
  body: NewOnCallChange,
  response: OnCallChange,
} as const satisfies RouteContract

export const endOnCallChange = {
  method: 'POST',
  path: PATHS.endOnCallChange,
  access: 'responder',
  summary: 'Ends an override, a swap or an absence now, or before it begins.',
  params: z.object({ changeId: z.uuid() }),
  body: EndOnCallChange,
  response: OnCallChange,
} as const satisfies RouteContract

export const confirmHandOff = {
  method: 'POST',
  path: PATHS.confirmHandOff,
  access: 'responder',
  summary: 'Says that whoever took over a duty has it; only they themselves can.',
  params: z.object({ handOffId: z.string().min(1).max(400) }),
  body: ConfirmHandOff,
  response: HandOff,
} as const satisfies RouteContract

export const ON_CALL_ROUTES = {
  getOnCall,
  listOnCallShifts,
  getOnCallForService,
  lintOnCall,
  listOnCallChanges,
  addOnCallChange,
  endOnCallChange,
  confirmHandOff,
} as const
