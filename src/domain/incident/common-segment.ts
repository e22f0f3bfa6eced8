import type { Fleet } from '../../protocol/config.ts'
import type { Incident } from '../../protocol/incident.ts'
import { openFindings } from './moves.ts'

/**
 * What the failing regions have in common and those that look as well do not: their network. Undefined
 * where it fails everywhere, or some region of that network is well.
 */
export function commonSegment(
  incident: Pick<Incident, 'findings'>,
  regions: Fleet['regions'],
): string | undefined {
  const failing = new Set(openFindings(incident).flatMap((finding) => finding.regions))
  const networkOf = (id: string) => regions.find((region) => region.id === id)?.provider
  const networks = new Set([...failing].map(networkOf))
  const [network] = networks
  if (networks.size !== 1 || network === undefined) return undefined
  const others = regions.filter(({ id }) => !failing.has(id))
  if (others.length === 0 || others.some(({ provider }) => provider === network)) return undefined
  return `network ${network}`
}
