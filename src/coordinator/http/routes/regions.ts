import { listProbes, listRegions } from '../../../protocol/public-api.ts'
import { regionStatuses } from '../../region-status.ts'
import { defineRoute } from '../define-route.ts'

export const listRegionsRoute = defineRoute(listRegions, async (_, parts) => ({
  data: await regionStatuses(parts),
  nextCursor: null,
}))

export const listProbesRoute = defineRoute(listProbes, async (_, parts) => {
  const regions = await regionStatuses(parts)
  return { data: regions.flatMap((region) => region.probes), nextCursor: null }
})
