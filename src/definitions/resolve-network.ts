import type { RegionNetwork, RegionsFile } from '../protocol/config.ts'

type Written = Pick<RegionsFile, 'network' | 'references'>

/** What a region may connect to and knows its own network by: each list from itself, else from all. */
export function resolveNetwork(everywhere: Written, region: Written): RegionNetwork {
  const { names, addresses, resolvers } = { ...everywhere.references, ...region.references }
  return {
    policy: region.network ?? everywhere.network ?? 'any',
    references: { names: names ?? [], addresses: addresses ?? [], resolvers: resolvers ?? [] },
  }
}
