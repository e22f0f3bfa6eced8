import type { z } from 'zod'
import { CheckDefinition } from '../../protocol/check.ts'
import type { Assignment, AssignmentEnvelope } from '../../protocol/probe-api.ts'
import { cronProblem } from '../../protocol/schedule.ts'

export type ReadAssignment = {
  assignment: Assignment
  /** Checks that this probe cannot run, and why. */
  leftOut: { checkId: string; reason: string }[]
}

/**
 * Takes from an assignment what this probe understands. One check that it does not, of a newer kind
 * for instance, must not keep it from running the others.
 */
export function readAssignment(envelope: z.infer<typeof AssignmentEnvelope>): ReadAssignment {
  const { hash, regionId } = envelope
  const checks = new Map<string, CheckDefinition>()
  const leftOut: ReadAssignment['leftOut'] = []
  for (const raw of envelope.checks) {
    const parsed = CheckDefinition.safeParse(raw)
    const reason = parsed.success ? problemOf(parsed.data, regionId) : firstIssue(parsed.error)
    if (parsed.success && reason === undefined) checks.set(parsed.data.id, parsed.data)
    else leftOut.push({ checkId: idOf(raw), reason: reason ?? '' })
  }
  return { assignment: { hash, regionId, checks: [...checks.values()] }, leftOut }
}

function problemOf({ regions, schedule }: CheckDefinition, regionId: string): string | undefined {
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
