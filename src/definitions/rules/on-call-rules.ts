import { FLEET_SERVICE } from '../../protocol/ids.ts'
import { cronProblem } from '../../protocol/schedule.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, whereIs, type YamlFile } from '../yaml/yaml-file.ts'
import { duplicateIds } from './duplicate-ids.ts'
import { durationAt, durationProblems, writtenAt } from './duration-rules.ts'
import { unknownName } from './region-rules.ts'

/** What the shape of `on-call.yaml` does not say: names that exist, zones, dates, and steps in order. */
export function onCallProblems(yaml: YamlFile, services: readonly string[] | undefined): Problem[] {
  const people = entriesOf(yaml, ['people'])
  const teams = entriesOf(yaml, ['teams'])
  const rotations = entriesOf(yaml, ['rotations'])
  const responders = entriesOf(yaml, ['responders'])
  const stakeholders = entriesOf(yaml, ['stakeholders'])
  const known: Known = {
    person: idsOf(yaml, people),
    team: idsOf(yaml, teams),
    rotation: idsOf(yaml, rotations),
    service: services && [...services, FLEET_SERVICE],
  }
  return [
    ...duplicates(yaml, 'person', people),
    ...duplicates(yaml, 'team', teams),
    ...duplicates(yaml, 'rotation', rotations),
    ...duplicates(yaml, 'responder', responders),
    ...duplicates(yaml, 'stakeholder', stakeholders),
    ...stakeholders.flatMap((path) => [
      ...duplicates(yaml, 'contact', entriesOf(yaml, [...path, 'contacts'])),
      ...listProblems(yaml, [...path, 'services'], 'service', known),
    ]),
    ...people.flatMap((path) => [
      ...zoneProblems(yaml, [...path, 'zone']),
      ...duplicates(yaml, 'contact', entriesOf(yaml, [...path, 'contacts'])),
    ]),
    ...teams.flatMap((path) => [
      ...listProblems(yaml, [...path, 'members'], 'person', known),
      ...nameProblems(yaml, [...path, 'lead'], 'person', known),
      ...nameProblems(yaml, [...path, 'manager'], 'person', known),
      ...listProblems(yaml, [...path, 'services'], 'service', known),
    ]),
    ...zoneProblems(yaml, ['digest', 'zone']),
    ...ownedTwice(yaml, teams),
    ...rotations.flatMap((path) => [
      ...nameProblems(yaml, [...path, 'team'], 'team', known),
      ...versionProblems(yaml, [...path, 'versions'], known),
    ]),
    ...Object.keys(Object(valueAt(yaml.value, ['ladders']))).flatMap((severity) =>
      ladderProblems(yaml, ['ladders', severity], known),
    ),
    ...responders.flatMap((path) => [
      ...ladderProblems(yaml, path, known),
      ...entriesOf(yaml, [...path, 'page']).flatMap((duty) => dutyProblems(yaml, duty, known)),
      ...listProblems(yaml, [...path, 'when', 'services'], 'service', known),
    ]),
    ...nameProblems(yaml, ['otherwise'], 'team', known),
    ...dutyProblems(yaml, ['lastResort'], known),
  ]
}

type Noun = 'person' | 'team' | 'rotation' | 'service'
/** Undefined: the file that has them could not be read. */
type Known = Record<Noun, readonly string[] | undefined>

function entriesOf(yaml: YamlFile, list: Path): Path[] {
  const written = valueAt(yaml.value, list)
  return Array.isArray(written) ? written.map((_, index) => [...list, index]) : []
}

const idsOf = (yaml: YamlFile, entries: readonly Path[]): string[] =>
  entries.map((path) => valueAt(yaml.value, [...path, 'id'])).filter((id) => typeof id === 'string')

const duplicates = (yaml: YamlFile, what: string, entries: readonly Path[]): Problem[] =>
  duplicateIds(
    what,
    entries.map((path) => ({
      yaml,
      path: [...path, 'id'],
      id: valueAt(yaml.value, [...path, 'id']),
    })),
  )

function nameProblems(yaml: YamlFile, path: Path, noun: Noun, known: Known): Problem[] {
  const name = valueAt(yaml.value, path)
  const names = known[noun]
  if (typeof name !== 'string' || !names) return []
  if (names.length === 0)
    return [
      problemAt(yaml, path, {
        message: `unknown ${noun} ${quote(writtenAt(yaml, path))}`,
        expected: noun === 'service' ? 'one of config/services.yaml' : `a ${noun} of this file`,
      }),
    ]
  return unknownName(yaml, path, noun, name, names)
}

const listProblems = (yaml: YamlFile, list: Path, noun: Noun, known: Known): Problem[] =>
  entriesOf(yaml, list).flatMap((path) => nameProblems(yaml, path, noun, known))

/** That a zone, where one is written, is one that clocks know. */
export function zoneProblems(yaml: YamlFile, path: Path): Problem[] {
  const zone = valueAt(yaml.value, path)
  if (typeof zone !== 'string' || cronProblem('* * * * *', zone) === undefined) return []
  return [
    problemAt(yaml, path, {
      message: `${quote(writtenAt(yaml, path))} is no IANA time zone`,
      expected: 'a name such as Europe/Berlin',
    }),
  ]
}

function ownedTwice(yaml: YamlFile, teams: readonly Path[]): Problem[] {
  const first = new Map<unknown, Path>()
  return teams
    .flatMap((path) => entriesOf(yaml, [...path, 'services']))
    .flatMap((path) => {
      const service = valueAt(yaml.value, path)
      const earlier = first.get(service)
      if (!earlier) {
        first.set(service, path)
        return []
      }
      const message = `the service ${quote(writtenAt(yaml, path))} has a team, at ${whereIs(yaml, earlier)}`
      return [problemAt(yaml, path, { message, expected: 'one team for each service' })]
    })
}

function versionProblems(yaml: YamlFile, list: Path, known: Known): Problem[] {
  const versions = entriesOf(yaml, list)
  return versions.flatMap((path, index) => {
    const previous = versions[index - 1]
    return [
      ...zoneProblems(yaml, [...path, 'zone']),
      ...['effectiveFrom', 'handOff'].flatMap((key) => dateProblems(yaml, [...path, key])),
      ...(previous ? orderProblems(yaml, previous, path) : []),
      ...['participants', 'secondary', 'shadows'].flatMap((key) =>
        listProblems(yaml, [...path, key], 'person', known),
      ),
    ]
  })
}

/** The shape lets the 31st of each month through. */
function dateProblems(yaml: YamlFile, path: Path): Problem[] {
  const written = valueAt(yaml.value, path)
  if (typeof written !== 'string' || isDateTime(written)) return []
  return [
    problemAt(yaml, path, {
      message: `${quote(writtenAt(yaml, path))} is on no calendar`,
      expected: 'a local date and time such as 2026-11-02T09:00',
    }),
  ]
}

function isDateTime(text: string): boolean {
  try {
    Temporal.PlainDateTime.from(text, { overflow: 'reject' })
    return true
  } catch {
    return false
  }
}

function startOf(yaml: YamlFile, version: Path): { path: Path; start: unknown } {
  const effectiveFrom: Path = [...version, 'effectiveFrom']
  const start = valueAt(yaml.value, effectiveFrom)
  if (start !== undefined) return { path: effectiveFrom, start }
  const handOff: Path = [...version, 'handOff']
  return { path: handOff, start: valueAt(yaml.value, handOff) }
}

function orderProblems(yaml: YamlFile, earlier: Path, later: Path): Problem[] {
  const before = startOf(yaml, earlier)
  const { path, start } = startOf(yaml, later)
  if (typeof before.start !== 'string' || typeof start !== 'string' || start > before.start)
    return []
  return [
    problemAt(yaml, path, {
      message: 'the version does not take effect after the one before it',
      expected: `later than ${before.start}`,
    }),
  ]
}

function ladderProblems(yaml: YamlFile, path: Path, known: Known): Problem[] {
  const steps = entriesOf(yaml, [...path, 'steps'])
  return [
    ...['acknowledgeWithin', 'acknowledgementLasts'].flatMap((key) =>
      durationProblems(yaml, [...path, key]),
    ),
    ...steps.flatMap((step, index) => [
      ...stepTimeProblems(yaml, step, steps[index - 1]),
      ...entriesOf(yaml, [...step, 'page']).flatMap((duty) => dutyProblems(yaml, duty, known)),
    ]),
  ]
}

const STEP_AFTER_MS_MAX = 24 * 3_600_000

function stepTimeProblems(yaml: YamlFile, step: Path, previous: Path | undefined): Problem[] {
  const path: Path = [...step, 'after']
  const afterMs = durationAt(yaml, path)
  if (afterMs === undefined) return []
  const written = writtenAt(yaml, path)
  const beforeMs = previous && durationAt(yaml, [...previous, 'after'])
  if (afterMs > STEP_AFTER_MS_MAX)
    return [
      problemAt(yaml, path, {
        message: `"after" is too long with ${written}`,
        expected: 'at most 1d',
      }),
    ]
  if (beforeMs === undefined || !previous || afterMs >= beforeMs) return []
  return [
    problemAt(yaml, path, {
      message: `the step after ${written} stands behind one that comes later`,
      expected: `at least ${writtenAt(yaml, [...previous, 'after'])}`,
    }),
  ]
}

const DUTY_NAMES: readonly (readonly [key: string, noun: Noun])[] = [
  ['rotation', 'rotation'],
  ['secondaryOf', 'rotation'],
  ['team', 'team'],
  ['person', 'person'],
]

const dutyProblems = (yaml: YamlFile, path: Path, known: Known): Problem[] =>
  DUTY_NAMES.flatMap(([key, noun]) => nameProblems(yaml, [...path, key], noun, known))
