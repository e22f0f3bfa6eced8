import { onTestFinished } from 'vitest'
import { Commands, type RunNow } from '../../src/protocol/probe-api.ts'
import { listRegions } from '../../src/protocol/public-api.ts'
import type { TestCoordinator } from './coordinator.ts'
import { until } from './until.ts'

/** The request that a probe of the region holds open; given up when the test ends. */
async function listen(
  coordinator: Pick<TestCoordinator, 'probeRequest' | 'get'>,
  region: string,
): Promise<RunNow[]> {
  const giveUp = new AbortController()
  onTestFinished(() => giveUp.abort())
  const answer = await coordinator.probeRequest(`/commands?region=${region}`, {
    signal: giveUp.signal,
  })
  return Commands.parse(await answer.json()).commands
}

/** Listens in these regions; resolves when the coordinator knows. */
export async function listening(
  coordinator: Pick<TestCoordinator, 'probeRequest' | 'get'>,
  regions: readonly string[],
): Promise<Map<string, Promise<RunNow[]>>> {
  const held = new Map(regions.map((region) => [region, listen(coordinator, region)]))
  for (const promise of held.values()) promise.catch(() => undefined)
  await until('they are known to listen', async () => {
    const { data } = await coordinator.get(listRegions)
    return regions.every((id) => data.find(({ regionId }) => regionId === id)?.takesCommands)
  })
  return held
}
