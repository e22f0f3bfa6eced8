import type { z } from 'zod'
import { CheckDefinition, type ProbedCheck } from '../../protocol/check.ts'
import type { Assignment, AssignmentEnvelope } from '../../protocol/probe-api.ts'
import { cronProblem } from '../../protocol/schedule.ts'

/** What a probe works by. */
export type ProbeAssignment = Omit<Assignment, 'checks'> & { checks: ProbedCheck[] }

export type ReadAssignment = {
  assignment: ProbeAssignment
  /** Checks that this probe cannot run, and why. */
  leftOut: { checkId: string; reason: string }[]
}

/**
 * Takes from an assignment what this probe understands. One check that it does not, of a newer kind
 * for instance, must not keep it from running the others.
 */
export function readAssignment(envelope: z.infer<typeof AssignmentEnvelope>): ReadAssignment {
  const { hash, regionId, network } = envelope
  const checks = new Map<string, ProbedCheck>()
  const leftOut: ReadAssignment['leftOut'] = []
  for (const raw of envelope.checks) {
    const parsed = CheckDefinition.safeParse(raw)
    const reason = parsed.success ? problemOf(parsed.data, regionId) : firstIssue(parsed.error)
    if (parsed.success && reason === undefined && isProbed(parsed.data))
      checks.set(parsed.data.id, parsed.data)
    else leftOut.push({ checkId: idOf(raw), reason: reason ?? '' })
  }
  return {
    assignment: { hash, regionId, checks: [...checks.values()], ...(network && { network }) },
    leftOut,
  }
}

const isProbed = (check: CheckDefinition): check is ProbedCheck => check.kind !== 'heartbeat'

function problemOf(check: CheckDefinition, regionId: string): string | undefined {
  const { regions, schedule } = check
  if (!isProbed(check)) return 'no probe runs a heartbeat'
  if (!regions.includes(regionId)) return `it is not of the region ${regionId}`
  if (schedule.kind === 'cron') return cronProblem(schedule.expression, schedule.timeZone)
  return undefined
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.')}: ${issue?.message}`
}

function idOf(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined
  return typeof id === 'string' ? id : 'unknown'
}
