import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openShopDatabase } from '../../../src/demo/shop/shop-database.ts'
import { type StockExportParts, stockExport } from '../../../src/demo/shop/stock-export.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { freePort, httpTarget } from '../../support/http-target.ts'
import { readRequest } from '../../support/read-request.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** A coordinator that only listens, and one night of the job. */
async function aNight(overrides: Partial<StockExportParts> = {}) {
  const calls: string[] = []
  const { url } = await httpTarget(async (request, response) => {
    const said = await readRequest(request)
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}: ${said}`)
    response.end('ok\n')
  })
  const dataFolder = await tempFolder()
  const database = openShopDatabase(join(dataFolder, 'shop.sqlite'), systemClock)
  const parts: StockExportParts = {
    coordinatorUrl: url.replace(/\/$/, ''),
    token: 'tok-1',
    database,
    dataFolder,
    faults: { isExportStopped: false },
    logger: createLogger('test', 'silent'),
    ...overrides,
  }
  await stockExport.run(parts, AbortSignal.timeout(5_000))
  database.close()
  return { calls, file: () => readFile(join(dataFolder, 'stock.csv'), 'utf8') }
}

test('writes the list of lamps, and calls', async () => {
  const { calls, file } = await aNight()
  const lines = (await file()).trim().split('\n')
  expect(lines[0]).toBe('id,name,price_cents')
  expect(lines.slice(1)).toContainEqual(expect.stringMatching(/^[a-z-]+,"Marlow table lamp",\d+$/))
  const said = `${lines.length - 1} lamps exported`
  expect(calls).toEqual([`POST /api/heartbeat/v1/stock-export Bearer tok-1: ${said}`])
})

test('while it is stopped, nothing is written and nobody is called', async () => {
  const { calls, file } = await aNight({ faults: { isExportStopped: true } })
  expect(calls).toEqual([])
  await expect(file()).rejects.toThrow('ENOENT')
})

test('an export that fails says so, and why', async () => {
  const searchProducts = () => {
    throw new Error('disk I/O error')
  }
  const { calls } = await aNight({ database: { searchProducts } })
  expect(calls).toEqual(['POST /api/heartbeat/v1/stock-export/fail Bearer tok-1: disk I/O error'])
})

test('a coordinator that is away stops no job', async () => {
  const coordinatorUrl = `http://127.0.0.1:${await freePort()}`
  const { file } = await aNight({ coordinatorUrl })
  expect(await file()).toContain('Marlow')
})
