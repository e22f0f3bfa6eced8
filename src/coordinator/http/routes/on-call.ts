import { AppError } from '../../../base/app-error.ts'
import {
  describeForService,
  describeOnCall,
  describeShift,
} from '../../../domain/on-call/describe-on-call.ts'
import { unconfirmedComplaints } from '../../../domain/on-call/lint/unconfirmed-complaints.ts'
import { LINT_MS, lintOnCall } from '../../../domain/on-call/lint-on-call.ts'
import { listShifts } from '../../../domain/on-call/list-shifts.ts'
import { FLEET_SERVICE } from '../../../protocol/ids.ts'
import * as contracts from '../../../protocol/on-call-api.ts'
import { actorOf } from '../../access/caller.ts'
import { confirmHandOff } from '../../hand-off-desk.ts'
import * as desk from '../../on-call-desk.ts'
import { handOffsAfter } from '../../store/hand-offs.ts'
import { onCallChangesAfter } from '../../store/on-call-changes.ts'
import { defineRoute, type Route } from '../define-route.ts'

/** Shifts are computed by it, so it is told with them. */
const TIME_ZONE_DATA = process.versions.tz ?? 'unknown'

/** Not compiling? A contract was added to `protocol/on-call-api.ts`, and nothing answers it yet. */
const routes: { [Name in keyof typeof contracts.ON_CALL_ROUTES]: Route } = {
  getOnCall: defineRoute(contracts.getOnCall, async ({ query }, { store, fleet, clock }) => {
    const at = query.at ?? clock.now()
    const told = describeOnCall(await desk.loadRoster(store, fleet, at), at, TIME_ZONE_DATA)
    if (query.at !== undefined) return told
    return { ...told, handOffs: await handOffsAfter(store, at) }
  }),

  listOnCallShifts: defineRoute(
    contracts.listOnCallShifts,
    async ({ query }, { store, fleet, clock }) => {
      const from = query.from ?? clock.now()
      const until = query.until ?? from + LINT_MS
      if (until <= from || until - from > contracts.SHIFTS_SPAN_MS_MAX)
        throw new AppError('request.invalid', 'query.until: after "from", and within a year of it')
      const roster = await desk.loadRoster(store, fleet, from)
      const rotations = roster.onCall.rotations.filter(
        ({ id }) => query.rotation === undefined || id === query.rotation,
      )
      const lists = rotations.map((rotation) =>
        listShifts(roster, rotation, from, until, SHIFTS_LISTED_MAX).map((shift) =>
          describeShift(rotation, shift),
        ),
      )
      return {
        ...{ from, until, timeZoneData: TIME_ZONE_DATA },
        data: lists.flat(),
        listedUntil: Math.min(until, ...lists.map((list) => list.at(-1)?.until ?? until)),
      }
    },
  ),

  getOnCallForService: defineRoute(
    contracts.getOnCallForService,
    async ({ params, query }, { store, fleet, clock }) => {
      const { serviceId } = params
      const at = query.at ?? clock.now()
      const isKnown =
        serviceId === FLEET_SERVICE || fleet.services.some(({ id }) => id === serviceId)
      if (!isKnown) throw new AppError('service.unknown', serviceId)
      const roster = await desk.loadRoster(store, fleet, at)
      return describeForService(roster, { serviceId, severity: query.severity, at })
    },
  ),

  lintOnCall: defineRoute(contracts.lintOnCall, async (_, { store, fleet, clock }) => {
    const from = clock.now()
    const until = from + LINT_MS
    const roster = await desk.loadRoster(store, fleet, from)
    const services = fleet.services.map(({ id }) => id)
    const complaints = lintOnCall({ roster, services, from, until })
    const open = unconfirmedComplaints(roster, await handOffsAfter(store, from))
    const all = [...open, ...complaints]
    return { from, until, complaints: all.map(({ path: _path, ...told }) => told) }
  }),

  listOnCallChanges: defineRoute(
    contracts.listOnCallChanges,
    async ({ query }, { store, clock }) => ({
      data: await onCallChangesAfter(store, query.since ?? clock.now()),
      nextCursor: null,
    }),
  ),

  addOnCallChange: defineRoute(contracts.addOnCallChange, ({ body }, parts, caller) =>
    desk.addOnCallChange(parts, { ...body, author: actorOf(caller, body.author, 'author') }),
  ),

  endOnCallChange: defineRoute(contracts.endOnCallChange, ({ params, body }, parts, caller) =>
    desk.endOnCallChange(parts, params.changeId, actorOf(caller, body.author, 'author')),
  ),

  confirmHandOff: defineRoute(contracts.confirmHandOff, ({ params, body }, parts, caller) =>
    confirmHandOff(parts, params.handOffId, actorOf(caller, body.by)),
  ),
}

/** Shifts of one rotation in one answer. */
const SHIFTS_LISTED_MAX = 1_000

export const onCallRoutes: readonly Route[] = Object.values(routes)
