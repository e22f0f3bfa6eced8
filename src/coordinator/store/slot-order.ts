type InSlot = { checkId: string; regionId: string; slotAt: number }

/**
 * The order in which every transaction writes rows of slots and runs. Two that write the same rows in
 * opposite orders would wait for each other for ever, and the database would end one of them.
 */
export function bySlot(a: InSlot, b: InSlot): number {
  return compare(a.checkId, b.checkId) || compare(a.regionId, b.regionId) || a.slotAt - b.slotAt
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
