import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { NumberAlert, Query, WrittenQuery } from '../protocol/query.ts'

/** What holds where a query does not say otherwise. */
const EVERY = '1m'
const OVER = '5m'
const HELD_FOR = '3m'
/** Where each look costs money: seldom, and so much of it in a day. */
const EVERY_COSTLY = '5m'
const SCAN_MAX = '10GB'

/** Gives a written query every default and its wire form. The query must be valid. */
export function resolveQuery({ service, every, alert, ...written }: WrittenQuery): Query {
  const over = 'over' in written ? written.over : undefined
  const isCostly = written.kind === 'cloudwatch'
  const { scanMax, scrape, ...query } = { scanMax: undefined, scrape: undefined, ...written }
  return {
    ...query,
    name: query.name ?? query.id,
    serviceId: service,
    everyMs: milliseconds(every ?? (isCostly ? EVERY_COSTLY : EVERY)),
    overMs: milliseconds(over ?? OVER),
    ...(alert && { alert: resolveNumberAlert(alert) }),
    ...(scrape && {
      scrape: {
        up: scrape.up.trim(),
        intervalMs: milliseconds(scrape.interval),
        overMs: milliseconds(scrape.over ?? OVER),
      },
    }),
    ...(isCostly && { scanBytesMax: bytes(scanMax ?? SCAN_MAX) }),
  }
}

function resolveNumberAlert({
  for: held,
  above,
  below,
  samplesMin,
  timesBaseline,
}: NonNullable<WrittenQuery['alert']>): NumberAlert {
  return {
    ...(above !== undefined && { above }),
    ...(below !== undefined && { below }),
    ...(samplesMin !== undefined && { samplesMin }),
    ...(timesBaseline !== undefined && { timesBaseline }),
    forMs: milliseconds(held ?? HELD_FOR),
  }
}

function milliseconds(duration: string): number {
  const ms = parseDuration(duration)
  assert(ms !== undefined, 'durations were checked with the shape of the file')
  return ms
}

/** As AWS counts them for its bill. */
const UNITS = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }

function bytes(amount: string): number {
  const unit = amount.slice(-2) as keyof typeof UNITS
  return Math.round(Number.parseFloat(amount) * UNITS[unit])
}
