import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { ServicesFile } from '../protocol/config.ts'
import type {
  AccessItem,
  Digest,
  Duty,
  Ladder,
  LadderStep,
  OnCall,
  PageTarget,
  ResponderRule,
  Restriction,
  Rotation,
  RotationUnit,
  Stakeholder,
  Team,
  Weekday,
} from '../protocol/on-call.ts'
import {
  type OnCallFile,
  WEEKDAYS,
  type WrittenDuty,
  type WrittenLadder,
  type WrittenPageTarget,
  type WrittenResponderRule,
  type WrittenStakeholder,
} from '../protocol/written-on-call.ts'
import { DEFAULT_LADDERS } from './default-ladders.ts'

type WrittenServices = ServicesFile['services']

/** `config/on-call.yaml` with every default applied. The file has no problems any more. */
export function resolveOnCall(file: OnCallFile, services: WrittenServices): OnCall {
  const { people, teams = [], rotations = [], ladders = {}, responders = [] } = file
  return {
    people: people.map(({ id, name = id, email, zone = 'UTC', contacts = [] }) => ({
      ...{ id, name, zone, contacts },
      ...(email !== undefined && { email }),
    })),
    teams: resolveTeams(teams, services),
    rotations: rotations.map(resolveRotation),
    ladders: {
      'SEV-1': resolveLadder(ladders['SEV-1'], DEFAULT_LADDERS['SEV-1']),
      'SEV-2': resolveLadder(ladders['SEV-2'], DEFAULT_LADDERS['SEV-2']),
      'SEV-3': resolveLadder(ladders['SEV-3'], DEFAULT_LADDERS['SEV-3']),
      'SEV-4': resolveLadder(ladders['SEV-4'], DEFAULT_LADDERS['SEV-4']),
    },
    responders: responders.map(resolveResponder),
    ...(file.otherwise !== undefined && { otherwise: file.otherwise }),
    ...(file.lastResort && { lastResort: resolveDuty(file.lastResort) }),
    ...(file.digest !== 'off' && { digest: resolveDigest(file.digest) }),
    ...(file.stakeholders && { stakeholders: file.stakeholders.map(resolveStakeholder) }),
  }
}

function resolveDigest(written: Exclude<OnCallFile['digest'], 'off'>): Digest {
  const { day = 'mon', at = '09:00', zone } = written ?? {}
  return {
    day: (WEEKDAYS.indexOf(day) + 1) as Weekday,
    at: minutesOf(at),
    ...(zone !== undefined && { zone }),
  }
}

/** A service that a team lists is theirs, whoever is written as its owner in `services.yaml`. */
function resolveTeams(teams: NonNullable<OnCallFile['teams']>, services: WrittenServices): Team[] {
  const listed = new Set(teams.flatMap((team) => team.services ?? []))
  return teams.map(({ id, name = id, members, lead, manager, services: own }) => ({
    ...{ id, name, members },
    services:
      own ??
      services
        .filter((service) => !listed.has(service.id))
        .filter(({ owner }) => owner === id || owner === name)
        .map((service) => service.id),
    ...(lead !== undefined && { lead }),
    ...(manager !== undefined && { manager }),
  }))
}

function resolveRotation({
  id,
  name = id,
  team,
  versions,
  access,
}: NonNullable<OnCallFile['rotations']>[number]): Rotation {
  return {
    ...{ id, name, teamId: team },
    ...(access && { access: access.map(resolveAccess) }),
    versions: versions.map(
      ({
        effectiveFrom,
        handOff,
        zone,
        every = '1 week',
        participants,
        restrictions = [],
        secondary,
        shadows = [],
      }) => ({
        ...{ effectiveFrom: effectiveFrom ?? handOff, zone, anchor: handOff },
        every: resolveInterval(every),
        ...{ participants, restrictions: restrictions.map(resolveRestriction), shadows },
        ...(secondary === 'next' && { secondary: { kind: 'next' as const } }),
        ...(Array.isArray(secondary) && {
          secondary: { kind: 'order' as const, participants: secondary },
        }),
      }),
    ),
  }
}

/** A key that is absent stays absent: `undefined` would be another file by its hash. */
const resolveAccess = ({
  name,
  test,
  url,
}: {
  name: string
  test: string
  url?: string | undefined
}): AccessItem => ({
  ...{ name, test },
  ...(url !== undefined && { url }),
})

function resolveInterval(every: string): { count: number; unit: RotationUnit } {
  const [count, unit = ''] = every.split(' ')
  return { count: Number(count), unit: unit.replace(/s$/, '') as RotationUnit }
}

type WrittenRestriction = NonNullable<
  NonNullable<OnCallFile['rotations']>[number]['versions'][number]['restrictions']
>[number]

function resolveRestriction({
  days = [...WEEKDAYS],
  from,
  until,
}: WrittenRestriction): Restriction {
  return {
    days: WEEKDAYS.flatMap((day, index) => (days.includes(day) ? [(index + 1) as Weekday] : [])),
    from: minutesOf(from),
    until: minutesOf(until),
  }
}

function minutesOf(clockTime: string): number {
  const [hours, minutes] = clockTime.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}

type WrittenTimes = Pick<WrittenLadder, 'rounds' | 'acknowledgeWithin' | 'acknowledgementLasts'>

function resolveTimes<T>(written: WrittenTimes, usual: Omit<Ladder<T>, 'steps'>) {
  return {
    rounds: written.rounds ?? usual.rounds,
    acknowledgeWithinMs: milliseconds(written.acknowledgeWithin) ?? usual.acknowledgeWithinMs,
    acknowledgementLastsMs:
      milliseconds(written.acknowledgementLasts) ?? usual.acknowledgementLastsMs,
  }
}

function resolveLadder(written: WrittenLadder | undefined, usual: Ladder): Ladder {
  if (!written) return usual
  return {
    steps: written.steps.map((step) => resolveStep(step, resolveTarget)),
    ...resolveTimes(written, usual),
  }
}

function resolveStep<W, T>(
  { after, page, by }: { after: string; page: W[]; by?: LadderStep['by'] | undefined },
  resolve: (written: W) => T,
): LadderStep<T> {
  const afterMs = milliseconds(after)
  assert(afterMs !== undefined, 'durations were checked with the shape of the file')
  return { afterMs, page: page.map(resolve), ...(by && { by }) }
}

const resolveTarget = (target: WrittenPageTarget): PageTarget =>
  typeof target === 'string' ? { kind: 'owner', role: target } : resolveDuty(target)

function resolveDuty(duty: WrittenDuty): Duty {
  if ('rotation' in duty) return { kind: 'rotation', rotationId: duty.rotation, role: 'primary' }
  if ('secondaryOf' in duty)
    return { kind: 'rotation', rotationId: duty.secondaryOf, role: 'secondary' }
  if ('team' in duty) return { kind: 'team', teamId: duty.team, role: duty.role ?? 'primary' }
  return { kind: 'person', personId: duty.person }
}

function resolveResponder(written: WrittenResponderRule): ResponderRule {
  const { id, when, as = 'page', because, page = [], steps } = written
  const { severities, services, finding, layer, pattern, says } = when
  return {
    id,
    when: {
      ...(severities && { severities }),
      ...(services && { services }),
      ...(finding && { finding }),
      ...(layer && { layer }),
      ...(pattern && { pattern }),
      ...(says && { says }),
    },
    as,
    because,
    ladder: {
      steps: (steps ?? [{ after: '0m', page }]).map((step) => resolveStep(step, resolveDuty)),
      ...resolveTimes(
        { ...written, rounds: as === 'notice' ? 1 : written.rounds },
        DEFAULT_LADDERS['SEV-1'],
      ),
    },
  }
}

function resolveStakeholder(written: WrittenStakeholder): Stakeholder {
  const { id, name = id, severity = 'SEV-1', services, contacts } = written
  return {
    ...{ id, name, severity },
    ...(services && { services }),
    contacts: contacts.map(({ id: contactId, ...contact }) => ({
      id: contactId,
      destination: contact.kind === 'email' ? { kind: 'email', to: contact.address } : contact,
    })),
  }
}

function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined
  const ms = parseDuration(duration)
  assert(ms !== undefined, 'durations were checked with the shape of the file')
  return ms
}
