import type { ProbedCheck } from '../protocol/check.ts'
import type { Phase, RunError } from '../protocol/run.ts'
import { blameUplink, isNetworkFailure } from './network/blame-uplink.ts'
import type { UplinkReferences } from './network/uplink-references.ts'

export type UplinkJudge = {
  /** What a failure really is: ours, when the region's references fail as well; else undefined. */
  judge(
    check: ProbedCheck,
    failure: { error: RunError; phases: readonly Phase[] },
  ): Promise<RunError | undefined>
}

/** @param onDown every reference that counts failed, and the run is the probe's fault. */
export function createUplinkJudge(references: UplinkReferences, onDown: () => void): UplinkJudge {
  return {
    async judge(check, { error, phases }) {
      // A browser has ways of its own to the network, and says itself what it could not reach.
      if (check.kind === 'journey') return undefined
      const isOwnResolver = check.kind !== 'dns' || check.server === undefined
      const failure = { error, phases, isOwnResolver }
      if (!isNetworkFailure(failure)) return undefined
      const findings = await references.look()
      const ours = findings && blameUplink(failure, findings)
      if (ours) onDown()
      return ours
    },
  }
}
