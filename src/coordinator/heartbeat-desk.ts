import { randomUUID } from 'node:crypto'
import { assert } from '../base/assert.ts'
import { runOfCall, runOfSilence } from '../domain/heartbeat/heartbeat-run.ts'
import type { HeartbeatState } from '../domain/heartbeat/heartbeat-state.ts'
import { type JobCall, takeCall } from '../domain/heartbeat/take-call.ts'
import { watchHeartbeat } from '../domain/heartbeat/watch-heartbeat.ts'
import type { CheckOf } from '../protocol/check.ts'
import type { Run } from '../protocol/run.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { keepRuns, tellOfRuns } from './keep-runs.ts'
import { lockHeartbeat, saveHeartbeatState } from './store/heartbeats.ts'
import type { Session } from './store/store.ts'

/**
 * Where calls of jobs, and calls that do not come, become runs. From there on a job is a check like
 * every other: slots, alerts, incidents and pages know nothing of heartbeats.
 */

type Job = CheckOf<'heartbeat'>

/** Takes a call. What was said is committed when this resolves. */
export async function receiveCall(
  parts: CoordinatorParts,
  job: Job,
  call: JobCall,
  log: string[],
): Promise<'started' | 'ended' | 'repeated'> {
  const now = parts.clock.now()
  const { kind, runs } = await parts.store.transaction(async (tx) => {
    const state = await lockHeartbeat(tx, job.id)
    assert(state, 'each heartbeat has its row since the definitions were adopted')
    const taken = takeCall(state, call, now)
    if (taken.kind === 'repeated') return { kind: taken.kind, runs: [] }
    const late = await save(tx, parts, job, taken.next, now)
    if (taken.kind === 'started') return { kind: taken.kind, runs: late }
    const { startedAt } = taken
    const ended = runOfCall(job, call, { runId: randomUUID(), now, startedAt, log })
    return { kind: taken.kind, runs: [...late, await keep(tx, ended, now)] }
  })
  if (runs.length > 0) tellOfRuns(parts, runs, now)
  return kind
}

/** Looks whether a job is late, and says so as a failed run. */
export async function lookAtJob(parts: CoordinatorParts, job: Job): Promise<void> {
  const now = parts.clock.now()
  const runs = await parts.store.transaction(async (tx) => {
    const state = await lockHeartbeat(tx, job.id)
    return state ? save(tx, parts, job, state, now) : []
  })
  if (runs.length > 0) tellOfRuns(parts, runs, now)
}

/** Saves how a job stands by now; gives the run that says that it is late, if one must. */
async function save(
  tx: Session,
  { listening }: CoordinatorParts,
  job: Job,
  state: HeartbeatState,
  now: number,
): Promise<Run[]> {
  const { since, lastBefore } = listening
  const absence = lastBefore === undefined ? undefined : { from: lastBefore, until: since }
  const { next, late, lookAt } = watchHeartbeat({ job, state, absence, now })
  await saveHeartbeatState(tx, job.id, next, lookAt)
  if (!late) return []
  const silence = runOfSilence(job, { runId: randomUUID(), now, reason: late.reason })
  return [await keep(tx, silence, now)]
}

/** Calls of one millisecond; more of one job are a flood, which the interface refuses. */
const SLOTS_TRIED_MAX = 1_000

/** Stores a run in a slot of its own, the next one that is free. Give the heartbeat's row held. */
async function keep(tx: Session, run: Run, now: number): Promise<Run> {
  for (let later = 0; later < SLOTS_TRIED_MAX; later++) {
    const moved = { ...run, slotAt: run.slotAt + later }
    if ((await keepRuns(tx, [moved], now)).size > 0) return moved
  }
  assert(false, 'so many calls do not come within a second')
}
