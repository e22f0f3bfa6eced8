import { z } from 'zod'
import { DESTINATION_FIELDS } from './destination.ts'
import { FindingKind, Layer } from './finding-kind.ts'
import { NAME_LENGTH_MAX, PersonId, RotationId, ServiceId, TeamId } from './ids.ts'
import { LogPatternName } from './query.ts'
import { Severity } from './severity.ts'
import { secretName, webAddress } from './written-base.ts'
import { WrittenDuration } from './written-duration.ts'

/** `config/on-call.yaml` as people write it. */

export const PEOPLE_MAX = 1_000
export const TEAMS_MAX = 200
export const ROTATIONS_MAX = 200
export const ROTATION_VERSIONS_MAX = 100
export const PARTICIPANTS_MAX = 100
export const LADDER_STEPS_MAX = 20
export const RESPONDER_RULES_MAX = 100
export const ACCESS_MAX = 30
export const STAKEHOLDERS_MAX = 50
export const STAKEHOLDER_CONTACTS_MAX = 20

const kebabId = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'lower-case letters, digits and single dashes, such as phone-push',
  )
const name = z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('The id when absent.')
const zone = z
  .string()
  .min(1)
  .max(NAME_LENGTH_MAX)
  .describe('IANA time zone, such as Europe/Berlin.')

const contact = {
  id: kebabId.describe('Unique to the person, such as phone-push.'),
  verified: z.iso
    .date({ error: 'expected a day such as 2026-11-02' })
    .optional()
    .describe('When a test page was answered; without it nobody is paged by it.'),
}

export const WrittenContact = z.discriminatedUnion('kind', [
  z.strictObject({
    ...contact,
    kind: z.literal('email'),
    address: z.email({ error: 'expected an address such as on-call@example.com' }),
  }),
  z.strictObject({
    ...contact,
    kind: z.literal('ntfy'),
    url: webAddress.describe('The ntfy server.'),
    topic: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -, at most 64')
      .describe('Whoever knows it can read it, where the server has no access control.'),
    token: secretName.optional().describe('Name of the variable that holds the access token.'),
  }),
  z.strictObject({
    ...contact,
    kind: z.literal('slack'),
    user: z
      .string()
      .regex(/^[UWCDG][A-Z0-9]{2,30}$/, "a member's or channel's id such as U012AB3CD")
      .describe('Whom the bot writes to.'),
    token: secretName.describe("Name of the variable that holds the bot's token (xoxb-…)."),
  }),
  z.strictObject({
    ...contact,
    kind: z.literal('webhook'),
    url: webAddress,
    secret: secretName.describe(
      'Name of the environment variable that holds the signing secret (whsec_…).',
    ),
  }),
  z.strictObject({
    ...contact,
    kind: z.literal('pagerduty'),
    routingKey: secretName.describe(
      'Name of the variable that holds the key of an Events API v2 integration.',
    ),
  }),
  z.strictObject({
    ...contact,
    kind: z.literal('opsgenie'),
    ...DESTINATION_FIELDS.opsgenie,
  }),
  z.strictObject({ ...contact, kind: z.literal('jsm'), ...DESTINATION_FIELDS.jsm }),
  z.strictObject({ ...contact, kind: z.literal('voice'), ...DESTINATION_FIELDS.voice }),
  z.strictObject({ ...contact, kind: z.literal('sms'), ...DESTINATION_FIELDS.sms }),
])
export type WrittenContact = z.infer<typeof WrittenContact>

export const ContactKindName = z.enum([
  'email',
  'ntfy',
  'slack',
  'webhook',
  'pagerduty',
  'opsgenie',
  'jsm',
  'voice',
  'sms',
])

const WrittenPerson = z.strictObject({
  id: PersonId.describe('Also the name that the person signs in with.'),
  name,
  email: z.email({ error: 'expected an address such as on-call@example.com' }).optional(),
  zone: zone.optional().describe('In which the person is told times; UTC when absent.'),
  contacts: z.array(WrittenContact).max(20).optional().describe('How they are reached.'),
})

const people = z.array(PersonId).min(1).max(PARTICIPANTS_MAX)

const WrittenTeam = z.strictObject({
  id: TeamId,
  name,
  services: z
    .array(ServiceId)
    .max(1_000)
    .optional()
    .describe('What they own; services whose owner has their id or name when absent.'),
  members: people,
  lead: PersonId.optional(),
  manager: PersonId.optional().describe('Their lead when absent.'),
})

const localDateTime = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/,
    'expected a local date and time such as 2026-11-02T09:00',
  )
const clockTime = z
  .string('expected a time such as 09:00, in quotes')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 09:00, in quotes')

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const WrittenRotationVersion = z.strictObject({
  effectiveFrom: localDateTime
    .optional()
    .describe('From when on this version counts; its first hand-off when absent.'),
  zone: zone.describe('IANA zone of the times of this version, such as Europe/Berlin.'),
  handOff: localDateTime.describe(
    'One hand-off by the clock there: the first participant begins. 2026-11-02T09:00',
  ),
  every: z
    .string()
    .regex(
      /^[1-9]\d{0,2} (hour|day|week|month)s?$/,
      'expected an interval such as 1 week, 12 hours or 1 month',
    )
    .optional()
    .describe('How long a shift is, by the clock on the wall; 1 week when absent.'),
  participants: people.describe('In the order of their turns.'),
  restrictions: z
    .array(
      z.strictObject({
        days: z
          .array(z.enum(WEEKDAYS))
          .min(1)
          .max(7)
          .optional()
          .describe('On which it begins; every day when absent.'),
        from: clockTime,
        until: clockTime.describe('Not after "from": on the next day.'),
      }),
    )
    .max(20)
    .optional()
    .describe('Only then is somebody on call; always when absent.'),
  secondary: z
    .union([z.literal('next'), people], {
      error: 'next, or a list of people',
    })
    .optional()
    .describe('Who stands behind: next in the order, or an order of its own.'),
  shadows: z
    .array(PersonId)
    .max(PARTICIPANTS_MAX)
    .optional()
    .describe('They are told as well, and nobody waits for them.'),
})

const WrittenRotation = z.strictObject({
  id: RotationId,
  team: TeamId,
  name,
  versions: z
    .array(WrittenRotationVersion)
    .min(1)
    .max(ROTATION_VERSIONS_MAX)
    .describe('Add one to change it: who was on call stays as it was.'),
  access: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(NAME_LENGTH_MAX).describe('Such as Kubernetes.'),
        test: z
          .string()
          .min(1)
          .max(300)
          .describe('How they find out that it works: kubectl get pods lists them.'),
        url: webAddress.optional().describe('Where they try it.'),
      }),
    )
    .max(ACCESS_MAX)
    .optional()
    .describe('What whoever takes over tries at the begin of their shift.'),
})

const OWNER_ROLES = ['primary', 'secondary', 'lead', 'manager', 'everyone'] as const

const duties = [
  z.strictObject({ rotation: RotationId }),
  z.strictObject({ secondaryOf: RotationId }),
  z.strictObject({ team: TeamId, role: z.enum(OWNER_ROLES).optional() }),
  z.strictObject({ person: PersonId }),
] as const
const DUTY_EXPECTED = '{ rotation: … }, { secondaryOf: … }, { team: …, role: … } or { person: … }'

export const WrittenDuty = z.union(duties, { error: DUTY_EXPECTED })
export type WrittenDuty = z.infer<typeof WrittenDuty>

export const WrittenPageTarget = z.union([z.enum(OWNER_ROLES), ...duties], {
  error: `${OWNER_ROLES.join(', ')}, ${DUTY_EXPECTED}`,
})
export type WrittenPageTarget = z.infer<typeof WrittenPageTarget>

const steps = <T extends z.ZodType>(target: T) =>
  z
    .array(
      z.strictObject({
        after: WrittenDuration.describe('Since the decision to page: 0m, 5m.'),
        page: z.array(target).min(1).max(20),
        by: z
          .array(ContactKindName)
          .min(1)
          .optional()
          .describe(
            'Kinds of contact, in this order; all that are verified when absent, or when the person has none of these.',
          ),
      }),
    )
    .max(LADDER_STEPS_MAX)

const ladder = {
  rounds: z
    .number()
    .int()
    .min(1)
    .max(3)
    .optional()
    .describe('How often it is gone through until somebody acknowledges.'),
  acknowledgeWithin: WrittenDuration.optional().describe(
    'What is expected of those who are paged; so long after its last step a round is over.',
  ),
  acknowledgementLasts: WrittenDuration.optional().describe(
    'It is paged again when nobody says more about the incident for so long.',
  ),
}

export const WrittenLadder = z.strictObject({
  ...ladder,
  steps: steps(WrittenPageTarget).describe('None: nobody is paged.'),
})
export type WrittenLadder = z.infer<typeof WrittenLadder>

const WrittenResponderRule = z
  .strictObject({
    id: kebabId,
    when: z
      .strictObject({
        severities: z.array(Severity).min(1).optional(),
        services: z.array(ServiceId).min(1).max(1_000).optional(),
        finding: FindingKind.optional(),
        layer: Layer.optional(),
        pattern: LogPatternName.optional().describe('It comes from a query of this log pattern.'),
        says: z
          .array(z.string().min(2).max(100))
          .min(1)
          .max(50)
          .optional()
          .describe('Any of these words is in what is said of it.'),
      })
      .describe('All of it must be true of one finding.'),
    as: z
      .enum(['page', 'notice'])
      .optional()
      .describe('A notice wants no acknowledgement; page when absent.'),
    because: z.string().min(3).max(300).describe('One sentence; quoted to those who are told.'),
    page: z
      .array(WrittenDuty)
      .min(1)
      .max(20)
      .optional()
      .describe('Whom, at once; or "steps", a ladder of its own.'),
    ...ladder,
    steps: steps(WrittenDuty).min(1).optional(),
  })
  .refine(({ page, steps }) => (page === undefined) !== (steps === undefined), {
    error: 'one of page and steps',
  })
export type WrittenResponderRule = z.infer<typeof WrittenResponderRule>

const stakeholderContact = { id: kebabId.describe('Unique to the stakeholder, such as desk.') }

const WrittenStakeholderContact = z.discriminatedUnion('kind', [
  z.strictObject({
    ...stakeholderContact,
    kind: z.literal('email'),
    address: z.email({ error: 'expected an address such as support@example.com' }),
  }),
  z.strictObject({
    ...stakeholderContact,
    kind: z.literal('slack'),
    ...DESTINATION_FIELDS.slack,
  }),
  z.strictObject({
    ...stakeholderContact,
    kind: z.literal('webhook'),
    ...DESTINATION_FIELDS.webhook,
  }),
])

const WrittenStakeholder = z.strictObject({
  id: kebabId.describe('Such as support.'),
  name,
  severity: Severity.optional().describe(
    'They are told of incidents of this severity and worse; SEV-1 when absent.',
  ),
  services: z
    .array(ServiceId)
    .min(1)
    .max(1_000)
    .optional()
    .describe('Only of incidents of these; of all when absent.'),
  contacts: z
    .array(WrittenStakeholderContact)
    .min(1)
    .max(STAKEHOLDER_CONTACTS_MAX)
    .describe('Each of them is told; nobody waits for an answer.'),
})
export type WrittenStakeholder = z.infer<typeof WrittenStakeholder>

const WrittenDigest = z.union(
  [
    z.literal('off'),
    z.strictObject({
      day: z.enum(WEEKDAYS).optional().describe('mon when absent.'),
      at: clockTime.optional().describe('09:00 when absent.'),
      zone: zone.optional().describe("That of the team's first rotation when absent."),
    }),
  ],
  { error: "off, or { day: mon, at: '09:00', zone: Europe/Berlin }" },
)

export const OnCallFile = z.strictObject({
  people: z.array(WrittenPerson).max(PEOPLE_MAX),
  teams: z.array(WrittenTeam).max(TEAMS_MAX).optional(),
  rotations: z.array(WrittenRotation).max(ROTATIONS_MAX).optional(),
  ladders: z
    .partialRecord(Severity, WrittenLadder)
    .optional()
    .describe('Who is paged when, by severity; the usual ladder of each that is absent.'),
  responders: z
    .array(WrittenResponderRule)
    .max(RESPONDER_RULES_MAX)
    .optional()
    .describe('Whom else to tell, by what is wrong.'),
  otherwise: TeamId.optional().describe('The team of services that no team owns.'),
  lastResort: WrittenDuty.optional().describe(
    'Who is told when a ladder is at its end and nobody has acknowledged.',
  ),
  stakeholders: z
    .array(WrittenStakeholder)
    .max(STAKEHOLDERS_MAX)
    .optional()
    .describe('Who is kept informed, and not paged: support, leadership.'),
  digest: WrittenDigest.optional().describe(
    'When each team is told what of SEV-3 and SEV-4 is still open: Monday 09:00 when absent, never when off.',
  ),
})
export type OnCallFile = z.infer<typeof OnCallFile>
