import { AppError } from '../base/app-error.ts'
import type { Clock } from '../base/clock.ts'
import { nearestName } from '../base/nearest-name.ts'
import type { JobFaults } from './shop/stock-export.ts'

/** What the shop's pages do wrong at the moment; read anew for each request. */
export type PageFaults = {
  areOrdersDown: boolean
  isSearchEmpty: boolean
  isCartSlow: boolean
  isCheckoutBroken: boolean
}

/** The parts of the demo shop that faults reach into. */
export type FaultTargets = {
  pages: PageFaults
  zone: { isGone: boolean }
  jobs: JobFaults
  https: { presentExpired(isExpired: boolean): void }
  /** By region. */
  gateways: ReadonlyMap<string, { setCut(isCut: boolean): void }>
}

export type Fault = {
  /** One sentence, for the person who is about to switch it on. */
  description: string
  takesRegion: boolean
  apply(targets: FaultTargets, isOn: boolean, regionId: string): void
}

/** How long the cart takes while `cart-slow` is on. */
export const SLOW_CART_MS = 15_000

/** Everything that can be broken on purpose. */
export const FAULTS = {
  'orders-down': {
    description: 'Everything that touches orders answers 502: the checkout, orders and their API.',
    takesRegion: false,
    apply({ pages }, isOn) {
      pages.areOrdersDown = isOn
    },
  },
  'search-empty': {
    description:
      'The search finds nothing, on the page and in the API, and says so with status 200.',
    takesRegion: false,
    apply({ pages }, isOn) {
      pages.isSearchEmpty = isOn
    },
  },
  'cart-slow': {
    description: `The cart answers after ${SLOW_CART_MS / 1_000} seconds.`,
    takesRegion: false,
    apply({ pages }, isOn) {
      pages.isCartSlow = isOn
    },
  },
  'checkout-500': {
    description: 'The checkout page throws and answers 500; everything else works.',
    takesRegion: false,
    apply({ pages }, isOn) {
      pages.isCheckoutBroken = isOn
    },
  },
  'dns-nxdomain': {
    description: 'The name server denies that shop.test exists.',
    takesRegion: false,
    apply({ zone }, isOn) {
      zone.isGone = isOn
    },
  },
  'certificate-expired': {
    description: 'New HTTPS connections get a certificate that ended three days ago.',
    takesRegion: false,
    apply: ({ https }, isOn) => https.presentExpired(isOn),
  },
  'job-stops': {
    description: 'The job that exports the stock runs no more, and so tells nobody that it has.',
    takesRegion: false,
    apply({ jobs }, isOn) {
      jobs.isExportStopped = isOn
    },
  },
  'region-cut': {
    description: 'One region cannot reach the shop; the others can.',
    takesRegion: true,
    apply: ({ gateways }, isOn, regionId) => gateways.get(regionId)?.setCut(isOn),
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS

export type ActiveFault = { name: FaultName; regionId: string | undefined; since: number }

/**
 * Which faults are on.
 *
 * Each fault is off or on; one that takes a region is so for each region. Switching on what is on
 * changes nothing, so `since` stays the first time.
 */
export type FaultBoard = {
  /**
   * @throws {AppError} `demo.unknown_fault`, `region.unknown`, or `request.invalid` when a region is
   *   missing or not wanted.
   */
  set(name: string, change: { isOn: boolean; regionId?: string | undefined }): void
  /** Switches everything off. */
  fix(): void
  active(): ActiveFault[]
}

export function createFaultBoard(targets: FaultTargets, clock: Clock): FaultBoard {
  const active = new Map<string, ActiveFault>()

  function set(name: FaultName, isOn: boolean, regionId: string | undefined): void {
    const key = `${name} ${regionId ?? ''}`
    if (active.has(key) === isOn) return
    FAULTS[name].apply(targets, isOn, regionId ?? '')
    if (isOn) active.set(key, { name, regionId, since: clock.now() })
    else active.delete(key)
  }

  return {
    set(name, { isOn, regionId }) {
      const known = faultOf(name)
      checkRegion(known, regionId, [...targets.gateways.keys()])
      set(known, isOn, regionId)
    },
    fix() {
      for (const { name, regionId } of [...active.values()]) set(name, false, regionId)
    },
    active: () => [...active.values()],
  }
}

function faultOf(name: string): FaultName {
  if (Object.hasOwn(FAULTS, name)) return name as FaultName
  const names = Object.keys(FAULTS)
  const meant = nearestName(name, names)
  throw new AppError(
    'demo.unknown_fault',
    `there is no fault "${name.slice(0, 80)}"; ${meant ? `did you mean ${meant}?` : `there are ${names.join(', ')}`}`,
  )
}

function checkRegion(name: FaultName, regionId: string | undefined, regions: string[]): void {
  if (!FAULTS[name].takesRegion) {
    if (regionId === undefined) return
    throw new AppError('request.invalid', `${name} takes no region: it breaks the shop itself`)
  }
  if (regionId === undefined)
    throw new AppError('request.invalid', `${name} needs a region: ${regions.join(', ')}`)
  if (regions.includes(regionId)) return
  const meant = nearestName(regionId, regions)
  throw new AppError(
    'region.unknown',
    `there is no region "${regionId.slice(0, 80)}"; ${meant ? `did you mean ${meant}?` : `there are ${regions.join(', ')}`}`,
  )
}
