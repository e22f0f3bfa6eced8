/** What is remembered of a job between its calls. Instants are those at which the coordinator heard. */
export type HeartbeatState = {
  /** Since when it is watched on the schedule that it has; before its first call it is due from there. */
  knownSince: number
  /** The latest call that said that the job has ended, well or not. */
  lastEndAt?: number | undefined
  lastStartAt?: number | undefined
  /** Starts that have no end yet, oldest first. */
  starts: JobStart[]
  /** The latest calls, so that one that is sent twice is taken once. */
  recentCalls: RecentCall[]
  /** End of an absence of the coordinator in which a call may have been lost. */
  excusedUntil?: number | undefined
  /** When it was last told that the job does not call; absent once it called again. */
  lateToldAt?: number | undefined
}

export type JobStart = {
  /** The job's own name for this execution, where it gives one. */
  run?: string | undefined
  at: number
  /** True once it was told that this execution does not end. */
  isTold: boolean
}

export type RecentCall = { call: string; at: number }

/** A job that was never heard. */
export const newHeartbeat = (now: number): HeartbeatState => ({
  knownSince: now,
  starts: [],
  recentCalls: [],
})
