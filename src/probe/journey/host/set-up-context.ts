import { type BrowserContextOptions, devices, type Page } from 'playwright'
import type { BrowserOrder } from '../messages.ts'

/**
 * The context's options; what the check says by itself goes before what its device says.
 *
 * @throws {TypeError} when there is no such device, time zone or locale.
 */
export function contextOptions(browser: BrowserOrder): BrowserContextOptions {
  const { device, viewport, locale, timeZone, colorScheme, headers, proxy } = browser
  const known = device === undefined ? {} : devices[device]
  if (!known) throw new TypeError(`Playwright knows no device "${device}"`)
  requireKnown('time zone', timeZone, () => new Intl.DateTimeFormat('en', { timeZone }))
  requireKnown('locale', locale, () => new Intl.Locale(locale ?? 'en'))
  // The device's own engine is only a proposal; ours is running already.
  const { defaultBrowserType: _, ...look } = known as (typeof devices)[string]
  return {
    ...look,
    ...(viewport && { viewport }),
    ...(locale !== undefined && { locale }),
    ...(timeZone !== undefined && { timezoneId: timeZone }),
    ...(colorScheme && { colorScheme }),
    ...(headers && { extraHTTPHeaders: headers }),
    ...(proxy && { proxy: withoutUndefined(proxy) }),
  }
}

function requireKnown(what: string, value: string | undefined, tryIt: () => unknown): void {
  try {
    tryIt()
  } catch (error) {
    throw new TypeError(`browser: there is no ${what} "${value}"`, { cause: error })
  }
}

type Proxy = NonNullable<BrowserContextOptions['proxy']>

const withoutUndefined = ({ bypass, ...proxy }: NonNullable<BrowserOrder['proxy']>): Proxy =>
  bypass === undefined ? proxy : { ...proxy, bypass }

const BYTES_PER_KBIT = 1_000 / 8

/** Makes the page's line as slow as the check says. Chromium only; further windows are not slowed. */
export async function slowDown(page: Page, network: BrowserOrder['network']): Promise<void> {
  if (!network) return
  const { latencyMs = 0, downloadKbps, uploadKbps } = network
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: downloadKbps === undefined ? -1 : downloadKbps * BYTES_PER_KBIT,
    uploadThroughput: uploadKbps === undefined ? -1 : uploadKbps * BYTES_PER_KBIT,
  })
}
