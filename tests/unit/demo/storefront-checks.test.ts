import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseDuration } from '../../../src/base/duration.ts'
import { STOCK_EXPORT } from '../../../src/demo/shop/stock-export.ts'
import { CheckFile } from '../../../src/protocol/check-file.ts'

const FOLDER = join(import.meta.dirname, '../../../probes/storefront')
const REGIONS = 3

/** The file as a fleet reads it that sets only what has no default. */
function readChecks(): CheckFile {
  const source = readFileSync(join(FOLDER, 'storefront.checks.yaml'), 'utf8')
  const variables: Record<string, string> = { SHOP_CA_FILE: '/data/shop-ca.pem' }
  const substitute = (value: string) =>
    value.replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_all, name: string, fallback?: string) => {
      const found = variables[name] ?? fallback
      if (found === undefined) throw new Error(`${name} has neither value nor default`)
      return found
    })
  const written = parse(source, (_key, value) =>
    typeof value === 'string' ? substitute(value) : value,
  )
  return CheckFile.parse(written)
}

const msOf = (text: string | undefined) => parseDuration(text ?? '') ?? Number.NaN

test('the checks of the shop are valid, and watch it in every way', () => {
  const { service, checks } = readChecks()

  expect(service).toBe('storefront')
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
  expect(new Set(checks.map(({ kind }) => kind))).toEqual(
    new Set(['http', 'dns', 'tls', 'journey', 'heartbeat']),
  )
})

/** What these journeys would find is found sooner by a plain request: search-api, cart-page. */
const SELDOM = new Set(['search', 'cart'])

const isJob = (check: CheckFile['checks'][number]) => check.kind === 'heartbeat'

test.each(
  readChecks()
    .checks.filter((check) => !isJob(check))
    .map((check) => [check.id, SELDOM.has(check.id) ? 30 : 20, check] as const),
)('%s: ends before its next slot, and two regions tell within %d s', (_id, toldWithinS, check) => {
  const { defaults } = readChecks()
  const everyMs = msOf(check.every ?? defaults?.every)
  const timeoutMs = msOf(timeoutOf(check) ?? defaults?.timeout)

  expect(timeoutMs).toBeLessThan(everyMs)
  // Slots of regions are every/3 apart: the second region starts at most two of those later.
  expect((2 * everyMs) / REGIONS + timeoutMs).toBeLessThanOrEqual(toldWithinS * 1_000 - 2_000)
})

test('the job calls as often as its check says, and is told of within 20 s when it does not', () => {
  const [job, ...others] = readChecks().checks.filter((check) => check.kind === 'heartbeat')
  expect(others).toEqual([])
  expect(job).toMatchObject({ id: STOCK_EXPORT.checkId, token: STOCK_EXPORT.tokenVariable })
  expect(msOf(job?.every)).toBe(STOCK_EXPORT.nightMs)
  expect(msOf(job?.every) + msOf(job?.grace)).toBeLessThanOrEqual(16_000)
})

test('a region that is cut off alone is told within 20 s, by two failures in a row', () => {
  const quick = readChecks().checks.filter(({ alert }) => alert?.failuresToFire === 2)

  expect(quick.length).toBeGreaterThanOrEqual(3)
  for (const check of quick)
    expect(2 * msOf(check.every) + msOf(timeoutOf(check))).toBeLessThanOrEqual(15_000)
})

const timeoutOf = (check: { timeout?: string | undefined } | object) =>
  'timeout' in check ? check.timeout : undefined

test('each journey has its file', () => {
  const scripts = readChecks().checks.flatMap((check) =>
    check.kind === 'journey' ? [check.script] : [],
  )
  expect(scripts).toHaveLength(4)
  for (const script of scripts) expect(existsSync(join(FOLDER, script))).toBe(true)
})
