import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { createLifecycle, type Lifecycle } from '../../runtime/lifecycle.ts'
import type { Logger } from '../../runtime/logger.ts'
import { startLoop } from '../../runtime/loop.ts'
import { type Certificates, createCertificates } from '../certificates.ts'
import { startControlServer } from '../control-server.ts'
import { createFaultBoard, type FaultBoard, type PageFaults } from '../faults.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { startNameServer } from '../name-server.ts'
import { createPageInbox, type PageInbox } from '../page-inbox.ts'
import { openShopDatabase } from './shop-database.ts'
import { type JobCaller, type JobFaults, stockExport } from './stock-export.ts'
import { startWebServer } from './web-server.ts'

/** 0, the default, takes any free port. */
export type ShopPorts = {
  httpPort: number
  httpsPort: number
  dnsPort: number
  controlPort: number
  /** Pages to the demo's people. */
  inbox: PageInbox
}

export type ShopOptions = {
  /** Its database and its authority's certificate go here. */
  dataFolder: string
  /** Each gets a gateway of its own. */
  regions: readonly string[]
  clock: Clock
  logger: Logger
  ports?: Partial<ShopPorts>
}

/** Where everything is, once the shop runs. */
export type RunningShop = ShopPorts & {
  /** For a person's browser. */
  url: string
  secureUrl: string
  /** PEM file that the checks' `trustedRoots` name. */
  caFile: string
  /** By region: what its probe gets as `FIREWATCH_CONNECT_TO`. */
  connectTo: Readonly<Record<string, string>>
  faults: FaultBoard
  /** Starts the shop's nightly job, which tells a coordinator when it has run. Call it once. */
  startJobs(caller: JobCaller): void
}

/**
 * The demo shop "Lamplight" with all that belongs to it: pages, name server, certificates, one
 * gateway a region, and the control port that switches faults.
 *
 * Stopped → `start()` → running → `stop()` → stopped for good. A start that fails half-way undoes
 * what it did.
 */
export type Shop = { start(): Promise<RunningShop>; stop(): Promise<void> }

export function createShop(options: ShopOptions): Shop {
  const lifecycle = createLifecycle(options.logger)
  return {
    async start() {
      try {
        return await startShop(options, lifecycle)
      } catch (error) {
        await lifecycle.stop()
        throw error
      }
    },
    stop: () => lifecycle.stop(),
  }
}

async function startShop(options: ShopOptions, lifecycle: Lifecycle): Promise<RunningShop> {
  const { dataFolder, regions, clock, logger, ports = {} } = options
  await mkdir(dataFolder, { recursive: true })
  const pages: PageFaults = {
    areOrdersDown: false,
    isSearchEmpty: false,
    isCartSlow: false,
    isCheckoutBroken: false,
  }
  const zone = { isGone: false }
  const jobs: JobFaults = { isExportStopped: false }

  const database = openShopDatabase(join(dataFolder, 'shop.sqlite'), clock)
  lifecycle.onStop('shop database', () => database.close())
  const certificates: Certificates = await createCertificates(dataFolder, clock)
  const webPorts = { httpPort: ports.httpPort ?? 0, httpsPort: ports.httpsPort ?? 0 }
  const web = await startWebServer({
    database,
    faults: pages,
    certificates,
    logger,
    ports: webPorts,
  })
  lifecycle.onStop('shop pages', () => web.stop())
  const names = await startNameServer({ port: ports.dnsPort ?? 0, zone, logger })
  lifecycle.onStop('name server', () => names.stop())

  const { httpPort, httpsPort } = web
  const shopPorts = { httpPort, httpsPort, dnsPort: names.port }
  const gateways = new Map<string, Gateway>()
  for (const region of regions) {
    const gateway = await startGateway(shopPorts, logger)
    gateways.set(region, gateway)
    lifecycle.onStop(`gateway ${region}`, () => gateway.stop())
  }

  const faults = createFaultBoard({ pages, zone, jobs, https: web, gateways }, clock)
  const inbox = createPageInbox(clock)
  const control = await startControlServer({
    port: ports.controlPort ?? 0,
    faults,
    pages: inbox,
  })
  lifecycle.onStop('control port', () => control.stop())
  return {
    ...shopPorts,
    controlPort: control.port,
    url: `http://127.0.0.1:${httpPort}/`,
    secureUrl: `https://127.0.0.1:${httpsPort}/`,
    caFile: certificates.caFile,
    connectTo: Object.fromEntries(
      [...gateways].map(([region, gateway]) => [region, gateway.connectTo]),
    ),
    faults,
    inbox,
    startJobs(caller) {
      const parts = { ...caller, database, dataFolder, faults: jobs, logger }
      startLoop(stockExport, parts, { lifecycle, logger })
    },
  }
}
