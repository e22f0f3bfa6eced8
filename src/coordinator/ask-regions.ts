import { BEGIN_WITHIN_MS } from '../domain/alerting/confirm-failure.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { RegionId } from '../protocol/ids.ts'
import type { RunCommand } from '../protocol/run.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'

/** Tells the probes of some regions to run a check now; says of which regions one was told. */
export function askRegions(
  { commands, clock }: Pick<CoordinatorParts, 'commands' | 'clock'>,
  check: Pick<CheckDefinition, 'id'>,
  regions: readonly RegionId[],
  command: RunCommand,
): RegionId[] {
  const notAfter = clock.now() + BEGIN_WITHIN_MS
  return regions.filter((region) =>
    commands.send(region, { kind: 'run-now', ...command, checkId: check.id, notAfter }),
  )
}
