/** How far back the charts and the failures of a check reach; `range` in the address. The first is usual. */
export const TIME_RANGES = [
  { value: '1h', text: '1 h', reachMs: 3_600_000, buckets: 60 },
  { value: '6h', text: '6 h', reachMs: 6 * 3_600_000, buckets: 72 },
  { value: '24h', text: '24 h', reachMs: 24 * 3_600_000, buckets: 96 },
  { value: '7d', text: '7 d', reachMs: 7 * 86_400_000, buckets: 84 },
] as const
export type TimeRange = (typeof TIME_RANGES)[number]

export const timeRange = (value: string | null): TimeRange =>
  TIME_RANGES.find((range) => range.value === value) ?? TIME_RANGES[0]
