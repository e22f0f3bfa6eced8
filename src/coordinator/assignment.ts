import { createHash } from 'node:crypto'
import type { Fleet } from '../protocol/config.ts'
import type { Assignment } from '../protocol/probe-api.ts'

/** What the probes of a region are to do: the checks that name it, and how its
 * probes see the network, with a hash over it all. */
export function assignmentFor(fleet: Fleet, regionId: string): Assignment {
  const checks = fleet.checks.filter((check) => check.regions.includes(regionId))
  const hash = createHash('sha256')
  for (const check of checks) hash.update(`${check.id}:${check.hash}\n`)
  const network = fleet.regions.find((region) => region.id === regionId)?.network
  hash.update(JSON.stringify(network ?? null))
  return {
    hash: hash.digest('hex').slice(0, 16),
    regionId,
    checks,
    ...(network && { network }),
  }
}
