import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../base/app-error.ts'
import type { Clock } from '../base/clock.ts'
import { getNow, type Now, urlFor } from '../protocol/public-api.ts'
import type { Environment } from '../runtime/environment.ts'
import { createLifecycle } from '../runtime/lifecycle.ts'
import type { Logger } from '../runtime/logger.ts'
import { defineLoop, startLoop } from '../runtime/loop.ts'
import { SupervisedProcess } from '../runtime/supervised-process.ts'
import { type DemoAccount, makeDemoToken, newDemoAccount } from './demo-account.ts'
import { demoDefinitions } from './demo-definitions.ts'
import type { DemoView } from './demo-screen.ts'
import { type DemoState, removeDemoState, writeDemoState } from './demo-state-file.ts'
import { preferPort } from './prefer-port.ts'
import { createShop, type RunningShop } from './shop/shop.ts'
import { STOCK_EXPORT } from './shop/stock-export.ts'

/** Ports that people find again; another is taken when one is in use. */
const DASHBOARD_PORT = 8080
const SHOP_PORT = 8090

const LOG_LINES_SHOWN = 20

const POLL_MS = 1_000
const POLL_DEADLINE_MS = 5_000

export type DemoOptions = {
  /** Holds `probes/` and `config/`. */
  definitionsFolder: string
  /** Where the demo keeps its data, below `.firewatch/`, and tells other commands about itself. */
  workFolder: string
  regions: readonly string[]
  /** Node and the program that it runs: `firewatch`. */
  command: { node: string; program: string }
  environment: Environment
  clock: Clock
  logger: Logger
  onChange(view: DemoView): void
}

export type Demo = {
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * The whole fleet on one machine: the shop in this process; the coordinator and one probe a region as
 * processes of their own, kept running.
 *
 * States: built → started → stopped. Its data folder is fresh, and gone afterwards.
 */
export function createDemo(options: DemoOptions): Demo {
  const lifecycle = createLifecycle(options.logger)
  return {
    start: () =>
      startDemo(options, lifecycle).catch(async (error: unknown) => {
        await lifecycle.stop()
        throw error
      }),
    stop: () => lifecycle.stop(),
  }
}

type Lifecycle = ReturnType<typeof createLifecycle>

/** What the parts below share and change while the demo runs. */
type DemoParts = DemoOptions & {
  lifecycle: Lifecycle
  dataFolder: string
  shop: RunningShop
  /** Of the probes. */
  token: string
  /** Of the shop's job. */
  jobToken: string
  account: DemoAccount
  view: DemoView
  show(): void
}

async function startDemo(options: DemoOptions, lifecycle: Lifecycle): Promise<void> {
  const { workFolder, regions, clock, logger } = options
  await mkdir(join(workFolder, '.firewatch'), { recursive: true })
  const dataFolder = await mkdtemp(join(workFolder, '.firewatch', 'demo-'))
  lifecycle.onStop('data folder', () =>
    rm(dataFolder, { recursive: true, force: true, maxRetries: 5 }),
  )

  const shop = createShop({
    dataFolder: join(dataFolder, 'shop'),
    regions,
    clock,
    logger,
    ports: { httpPort: await preferPort(SHOP_PORT) },
  })
  lifecycle.onStop('shop', () => shop.stop())
  const running = await shop.start()
  lifecycle.signal.throwIfAborted()
  const state: DemoState = {
    pid: process.pid,
    controlPort: running.controlPort,
    shopUrl: running.url,
    environments: Object.fromEntries(
      regions.map((region) => [
        region,
        { FIREWATCH_CONNECT_TO: running.connectTo[region] ?? '', SHOP_CA_FILE: running.caFile },
      ]),
    ),
  }
  await writeDemoState(workFolder, state)
  lifecycle.onStop('state file', () => removeDemoState(workFolder))

  const view: DemoView = {
    dashboardUrl: undefined,
    dashboardNote: undefined,
    account: undefined,
    shopUrl: running.url,
    regions: regions.map((id) => ({ id, note: undefined })),
    now: undefined,
    faults: [],
    pages: [],
  }
  const parts: DemoParts = {
    ...options,
    lifecycle,
    dataFolder,
    shop: running,
    token: newToken(),
    jobToken: newToken(),
    account: newDemoAccount(),
    view,
    show: () => options.onChange(view),
  }
  parts.show()
  const address = await startCoordinator(parts)
  lifecycle.signal.throwIfAborted()
  const commandToken = await makeDemoToken(address, parts.account, lifecycle.signal)
  if (commandToken !== undefined) {
    await writeDemoState(workFolder, {
      ...state,
      coordinator: { url: address, token: commandToken },
    })
    view.account = parts.account
    parts.show()
  }
  startProbes(parts, address)
  running.startJobs({ coordinatorUrl: address, token: parts.jobToken })
  startLoop(watchFleet, { parts, address, commandToken }, { lifecycle, logger })
}

const newToken = () => randomBytes(24).toString('base64url')

/** Starts the coordinator and waits until it listens. Gives its address. */
async function startCoordinator(parts: DemoParts): Promise<string> {
  const port = await preferPort(DASHBOARD_PORT)
  if (port !== DASHBOARD_PORT) parts.view.dashboardNote = `(port ${DASHBOARD_PORT} is taken)`
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const coordinatorLog = processOf(parts, 'coordinator').logFile
  const coordinator = new SupervisedProcess({
    ...processOf(parts, 'coordinator'),
    environment: {
      ...childEnvironment(parts),
      FIREWATCH_DIR: await demoDefinitions(parts.definitionsFolder, parts.dataFolder),
      DEMO_PAGES_URL: `http://127.0.0.1:${parts.shop.controlPort}/pages`,
      DEMO_PAGES_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
      FIREWATCH_DATA: join(parts.dataFolder, 'coordinator'),
      FIREWATCH_PORT: String(port),
      // It is on this machine, whatever else this person's environment is for.
      FIREWATCH_HOST: undefined,
      FIREWATCH_PUBLIC_URL: undefined,
      FIREWATCH_ADMIN_LOGIN: parts.account.login,
      FIREWATCH_ADMIN_PASSWORD: parts.account.password,
      FIREWATCH_ADMIN_PASSWORD_FILE: undefined,
      // What the definitions say about the shop.
      SHOP_CA_FILE: parts.shop.caFile,
      [STOCK_EXPORT.tokenVariable]: parts.jobToken,
      [`${STOCK_EXPORT.tokenVariable}_FILE`]: undefined,
    },
    onMessage: (message) => {
      const listening = Listening.safeParse(message)
      if (listening.success) resolve(listening.data.address)
    },
    onExit: (reason) => {
      reject(new Error(`the coordinator ended (${reason}):\n${lastLines(coordinatorLog)}`))
      parts.logger.warn({ reason }, 'the coordinator ended and is started again')
    },
  })
  coordinator.start()
  parts.lifecycle.onStop('coordinator', () => coordinator.stop())
  const address = await promise
  parts.view.dashboardUrl = address
  parts.show()
  return address
}

const Listening = z.object({ type: z.literal('listening'), address: z.string() })

function startProbes(parts: DemoParts, coordinatorUrl: string): void {
  const probes = parts.view.regions.map((region) => {
    const probe = new SupervisedProcess({
      ...processOf(parts, 'probe', region.id),
      environment: {
        ...childEnvironment(parts),
        FIREWATCH_COORDINATOR_URL: coordinatorUrl,
        FIREWATCH_REGION: region.id,
        FIREWATCH_PROBE_ID: `${region.id}-1`,
        FIREWATCH_PROBE_DATA: join(parts.dataFolder, `probe-${region.id}`),
        FIREWATCH_PROBES: join(parts.definitionsFolder, 'probes'),
        FIREWATCH_CONNECT_TO: parts.shop.connectTo[region.id],
        FIREWATCH_METRICS_PORT: '0',
      },
      onExit: (reason) => {
        parts.logger.warn({ region: region.id, reason }, 'a probe ended and is started again')
        region.note = `the probe ended (${reason}) and is started again`
        parts.show()
        region.note = undefined
      },
    })
    probe.start()
    return probe
  })
  // All at once: one after the other they could take longer than stopping may.
  parts.lifecycle.onStop('probes', () => Promise.all(probes.map((probe) => probe.stop())))
}

const processOf = (
  { command, workFolder, dataFolder, lifecycle }: DemoParts,
  name: string,
  region?: string,
) => ({
  stopSignal: lifecycle.signal,
  command: command.node,
  arguments: [command.program, name],
  folder: workFolder,
  logFile: join(dataFolder, `${region ? `${name}-${region}` : name}.log`),
})

/** What a process said last; its log goes with the data folder. */
const lastLines = (logFile: string) =>
  readFileSync(logFile, 'utf8').trim().split('\n').slice(-LOG_LINES_SHOWN).join('\n')

function childEnvironment({ environment, token }: DemoParts): Environment {
  return { ...environment, FIREWATCH_PROBE_TOKEN: token, FIREWATCH_PROBE_TOKEN_FILE: undefined }
}

/** Keeps the screen true: asks the coordinator as any dashboard would. */
const watchFleet = defineLoop<{
  parts: DemoParts
  address: string
  commandToken: string | undefined
}>({
  name: 'watch-fleet',
  everyMs: POLL_MS,
  deadlineMs: POLL_DEADLINE_MS,
  async run({ parts, address, commandToken }, signal) {
    const { view, shop, show, logger } = parts
    try {
      const headers = commandToken === undefined ? {} : { authorization: `Bearer ${commandToken}` }
      const answer = await fetch(address + urlFor(getNow), { signal, headers })
      if (!answer.ok) throw new Error(`the coordinator answered ${answer.status}`)
      view.now = (await answer.json()) as Now
    } catch (error) {
      // It is being started again; the screen says that the regions are starting.
      view.now = undefined
      logger.debug({ error: messageOf(error) }, 'the coordinator did not answer')
    }
    view.pages = shop.inbox.recent()
    view.faults = shop.faults.active().map(({ name, regionId }) => ({ name, regionId }))
    show()
  },
})
