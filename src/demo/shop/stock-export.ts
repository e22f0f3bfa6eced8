import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../base/app-error.ts'
import { HEARTBEAT_API_PREFIX } from '../../protocol/heartbeat-api.ts'
import type { Logger } from '../../runtime/logger.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { ShopDatabase } from './shop-database.ts'

/**
 * The shop's nightly job: it writes the list of all lamps for the resellers, and tells Firewatch that
 * it has. Nobody can look at it from outside; a night of the demo is six seconds.
 */
export const STOCK_EXPORT = {
  checkId: 'stock-export',
  /** Variable of the coordinator that holds the job's token. */
  tokenVariable: 'STOCK_EXPORT_TOKEN',
  nightMs: 6_000,
} as const

const FILE = 'stock.csv'

/** Where the job calls when it has run: a coordinator's address, and the job's token. */
export type JobCaller = { coordinatorUrl: string; token: string }

/** What jobs of the shop do wrong at the moment; read anew each time that one is due. */
export type JobFaults = { isExportStopped: boolean }

export type StockExportParts = JobCaller & {
  database: Pick<ShopDatabase, 'searchProducts'>
  /** The list is written there. */
  dataFolder: string
  faults: JobFaults
  logger: Logger
}

export const stockExport = defineLoop<StockExportParts>({
  name: 'stock-export',
  everyMs: STOCK_EXPORT.nightMs,
  deadlineMs: 5_000,
  async run(parts, signal) {
    if (parts.faults.isExportStopped) return
    try {
      const lamps = await writeStock(parts)
      await call(parts, '', `${lamps} lamps exported`, signal)
    } catch (error) {
      await call(parts, '/fail', messageOf(error), signal)
    }
  },
})

async function writeStock({ database, dataFolder }: StockExportParts): Promise<number> {
  const lamps = database.searchProducts('')
  const rows = lamps.map(({ id, name, priceCents }) => `${id},"${name}",${priceCents}`)
  const path = join(dataFolder, FILE)
  // Whoever reads it gets a whole list, that of last night or of this one.
  await writeFile(`${path}.part`, ['id,name,price_cents', ...rows, ''].join('\n'))
  await rename(`${path}.part`, path)
  return lamps.length
}

/** As a crontab's curl does. A coordinator that is away hears of the next night. */
async function call(
  { coordinatorUrl, token, logger }: StockExportParts,
  how: '' | '/fail',
  log: string,
  signal: AbortSignal,
): Promise<void> {
  const url = `${coordinatorUrl}${HEARTBEAT_API_PREFIX}/${STOCK_EXPORT.checkId}${how}`
  try {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
    const answer = await fetch(url, { method: 'POST', headers, body: log, signal })
    await answer.body?.cancel()
    if (!answer.ok) logger.warn({ status: answer.status }, 'the call of the export was refused')
  } catch (error) {
    logger.debug({ error: messageOf(error) }, 'the call of the export did not get through')
  }
}
