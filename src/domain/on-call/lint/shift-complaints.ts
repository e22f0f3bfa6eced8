import type { Rotation } from '../../../protocol/on-call.ts'
import { joinNames } from '../../join-names.ts'
import { endOf } from '../changes-at.ts'
import { coverAt } from '../covered-time.ts'
import { listShifts, type Shift } from '../list-shifts.ts'
import { resolveDuty } from '../resolve-duty.ts'
import { versionAt } from '../turn-at.ts'
import { describeMoment } from '../wall-clock.ts'
import type { LintInput, OnCallComplaint } from './complaint.ts'

/** From so long on a shift is one that people need to rest from. */
const LONG_SHIFT_MS = 4 * 86_400_000
/** A break shorter than this is none. */
const BREAK_MS = 86_400_000

/** Shifts that nobody has, that one person has twice, or that somebody has who is not there. */
export function shiftComplaints(input: LintInput): OnCallComplaint[] {
  const { roster, from, until } = input
  const all = roster.onCall.rotations.map((rotation, index) => ({
    ...{ rotation, path: ['rotations', index] },
    zone: rotation.versions.at(-1)?.zone ?? 'UTC',
    shifts: listShifts(roster, rotation, from, until),
  }))
  return [
    ...all.flatMap((one) => [...emptyShifts(input, one), ...sameTwice(input, one)]),
    ...inARow(input, all),
    ...onLeave(input, all),
  ]
}

type Listed = { rotation: Rotation; path: (string | number)[]; zone: string; shifts: Shift[] }

const spanWords = ({ from, until }: { from: number; until: number }, zone: string) =>
  `from ${describeMoment(from, zone)} until ${describeMoment(until, zone)}`

/** A shift that its version wants somebody for. One of the primary that no other rotation covers is a gap. */
function emptyShifts({ roster }: LintInput, { rotation, path, zone, shifts }: Listed) {
  return shifts.flatMap((shift): OnCallComplaint[] => {
    const { version } = versionAt(rotation, shift.from)
    if (!version || !coverAt(version, shift.from).isCovered) return []
    return (['primary', 'secondary'] as const).flatMap((role): OnCallComplaint[] => {
      const held = shift[role]
      if (!held || !('nobody' in held)) return []
      const duty = { kind: 'team', teamId: rotation.teamId, role: 'primary' } as const
      if (role === 'primary' && 'nobody' in resolveDuty(roster, duty, shift.from)) return []
      const { from, until } = shift
      return [
        {
          kind: 'empty_shift',
          level: 'warning',
          message: `nobody is ${role} of ${rotation.name} ${spanWords(shift, zone)}: ${held.nobody}`,
          advice: 'an override, or somebody more in the order',
          ...{ path, from, until },
        },
      ]
    })
  })
}

function sameTwice({ roster }: LintInput, { rotation, path, zone, shifts }: Listed) {
  return shifts.flatMap((shift): OnCallComplaint[] => {
    const { primary, secondary, from, until } = shift
    if (!secondary || 'nobody' in primary || 'nobody' in secondary) return []
    if (primary.personId !== secondary.personId) return []
    return [
      {
        kind: 'primary_is_secondary',
        level: 'error',
        message: `${nameOf(roster, primary.personId)} is primary and secondary of ${rotation.name} ${spanWords(shift, zone)}: nobody stands behind them`,
        advice: 'another override',
        ...{ path, from, until },
      },
    ]
  })
}

/** Long shifts of one person with no break between them, of whatever rotations. */
function inARow({ roster }: LintInput, all: readonly Listed[]): OnCallComplaint[] {
  const long = all
    // Whoever is alone in a rotation is told as that.
    .filter(({ rotation }) => new Set(rotation.versions.at(-1)?.participants).size > 1)
    .flatMap(({ rotation, path, zone, shifts }) =>
      turnsOf(shifts).map((turn) => ({ ...turn, rotation, path, zone })),
    )
    .filter(({ from, until }) => until - from >= LONG_SHIFT_MS)
    .toSorted((a, b) => a.from - b.from)
  return long.flatMap((turn, index): OnCallComplaint[] => {
    const before = long
      .slice(0, index)
      .findLast((one) => one.personId === turn.personId && turn.from - one.until < BREAK_MS)
    if (!before) return []
    const { from, until } = turn
    return [
      {
        kind: 'long_shifts_in_a_row',
        level: 'warning',
        message: `${nameOf(roster, turn.personId)} has two long shifts without a break: ${before.rotation.name} ${spanWords(before, before.zone)}, and ${turn.rotation.name} ${spanWords(turn, turn.zone)}`,
        advice: 'a swap, or somebody more in the order',
        ...{ path: turn.path, from, until },
      },
    ]
  })
}

/** Shifts of one turn and one primary as one, whatever else changes meanwhile. */
function turnsOf(shifts: readonly Shift[]): { personId: string; from: number; until: number }[] {
  const turns: { personId: string; from: number; until: number; turn: number | undefined }[] = []
  for (const { primary, from, until, turn } of shifts) {
    if ('nobody' in primary) continue
    const previous = turns.at(-1)
    const goesOn =
      previous?.personId === primary.personId &&
      previous.until === from &&
      previous.turn === turn?.index
    if (goesOn && previous) previous.until = until
    else turns.push({ personId: primary.personId, from, until, turn: turn?.index })
  }
  return turns
}

/** An override or a swap goes before an absence, so it can put somebody on call who is away. */
function onLeave({ roster }: LintInput, all: readonly Listed[]): OnCallComplaint[] {
  return all.flatMap(({ rotation, path, zone, shifts }) =>
    shifts.flatMap((shift) =>
      (['primary', 'secondary'] as const).flatMap((role): OnCallComplaint[] => {
        const held = shift[role]
        if (!held || 'nobody' in held) return []
        const away = roster.absences.filter(
          (absence) =>
            absence.personId === held.personId &&
            absence.from < shift.until &&
            shift.from < endOf(absence),
        )
        if (away.length === 0) return []
        const from = Math.max(shift.from, Math.min(...away.map((one) => one.from)))
        const until = Math.min(shift.until, Math.max(...away.map(endOf)))
        const by = held.by === 'swap' ? 'a swap' : 'an override'
        return [
          {
            kind: 'shift_on_leave',
            level: 'error',
            message: `${nameOf(roster, held.personId)} is ${role} of ${rotation.name} by ${by} ${spanWords({ from, until }, zone)}, and absent then`,
            advice: `an override with somebody who is there: ${joinNames(othersOf(rotation, held.personId))}`,
            ...{ path, from, until },
          },
        ]
      }),
    ),
  )
}

const othersOf = (rotation: Rotation, personId: string): string[] => [
  ...new Set(rotation.versions.at(-1)?.participants.filter((id) => id !== personId)),
]

const nameOf = ({ onCall }: LintInput['roster'], id: string): string =>
  onCall.people.find((person) => person.id === id)?.name ?? id
