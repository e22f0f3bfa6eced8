import type { CheckDefinition } from '../protocol/check.ts'
import type { Evidence } from '../protocol/incident.ts'
import { failingStep, type Run } from '../protocol/run.ts'

/** What a failed run shows, small enough for the timeline. */
export function evidenceOf(run: Run, check: Pick<CheckDefinition, 'name' | 'kind'>): Evidence {
  const step = failingStep(run)
  const screenshot = run.artifacts.find((artifact) => artifact.mediaType.startsWith('image/'))
  return {
    runId: run.runId,
    checkId: run.checkId,
    checkName: check.name,
    checkKind: check.kind,
    regionId: run.regionId,
    slotAt: run.slotAt,
    startedAt: run.startedAt,
    message: run.error?.message ?? `the run ended as ${run.verdict}`,
    ...(run.error && { errorType: run.error.type }),
    ...(step && { step: step.name }),
    ...(screenshot && { screenshot: screenshot.name }),
  }
}
