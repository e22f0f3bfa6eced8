import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AppError, codeOf } from '../base/app-error.ts'
import type { Clock } from '../base/clock.ts'
import { neededSecrets } from '../domain/paging/needed-secrets.ts'
import { isHeartbeat } from '../protocol/check.ts'
import type { Fleet } from '../protocol/config.ts'
import type { Invitation } from '../protocol/people-api.ts'
import { createHttpClient } from '../runtime/http-client.ts'
import { createLifecycle } from '../runtime/lifecycle.ts'
import type { Logger } from '../runtime/logger.ts'
import { type Loop, type RunningLoop, startLoop } from '../runtime/loop.ts'
import { systemRandom } from '../runtime/randomness.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import type { AccessSettings } from './access/access-settings.ts'
import { addFirstAdmin, inviteFirstAdmin } from './access/account-desk.ts'
import type { ServedRoute } from './access/guard.ts'
import { createPasswords } from './access/password.ts'
import { adoptDefinitions } from './adopt-definitions.ts'
import { createArtifactFolder } from './artifact-folder.ts'
import { createBaselines } from './baselines.ts'
import { createCoordinatorMetrics } from './coordinator-metrics.ts'
import type { CoordinatorLimits, CoordinatorParts } from './coordinator-parts.ts'
import { createServer } from './http/server.ts'
import { closeRemovedChecks } from './incident-desk.ts'
import { createJobTokens } from './job-token.ts'
import { createLinks } from './links.ts'
import { startListening } from './listening.ts'
import { createLiveFeed } from './live-feed.ts'
import { accountSlots } from './loops/account-slots.ts'
import { auditPages } from './loops/audit-pages.ts'
import { countTraffic } from './loops/count-traffic.ts'
import { deliverNotifications } from './loops/deliver-notifications.ts'
import { escalate } from './loops/escalate.ts'
import { evaluateAlerts } from './loops/evaluate-alerts.ts'
import { followIncidents } from './loops/follow-incidents.ts'
import { forgetHistory } from './loops/forget-history.ts'
import { handOffShifts } from './loops/hand-off-shifts.ts'
import { leadIncidents } from './loops/lead-incidents.ts'
import { lookCloser } from './loops/look-closer.ts'
import { noteMeasuredDays } from './loops/note-measured-days.ts'
import { observeStore } from './loops/observe-store.ts'
import { pollVendors } from './loops/poll-vendors.ts'
import { readInbox } from './loops/read-inbox.ts'
import { runQueries } from './loops/run-queries.ts'
import { runSweeps } from './loops/run-sweeps.ts'
import { sendDigests } from './loops/send-digests.ts'
import { tellDetectionTimes } from './loops/tell-detection-times.ts'
import { watchHeartbeats } from './loops/watch-heartbeats.ts'
import { watchObjectives } from './loops/watch-objectives.ts'
import { watchRegions } from './loops/watch-regions.ts'
import { watchReports } from './loops/watch-reports.ts'
import { watchThroughput } from './loops/watch-throughput.ts'
import { writeStatusPage } from './loops/write-status-page.ts'
import { createProbeCommands } from './probe-commands.ts'
import { createRecentMinute } from './recent-minute.ts'
import { closeRemovedSources } from './signal-desk.ts'
import { serverKey } from './store/server-keys.ts'
import { openStore, type StoreLocation } from './store/store.ts'
import { createUsualRuns } from './usual-runs.ts'

export type { AccessSettings, OrganisationSettings } from './access/access-settings.ts'
export type { ServedRoute } from './access/guard.ts'

export type CoordinatorOptions = {
  fleet: Fleet
  location: StoreLocation
  /** Folder for artifacts. */
  dataFolder: string
  /** Folder of the built dashboard. */
  dashboardFolder: string
  /** Where the public page is kept as files; nowhere when absent. */
  statusPageFolder?: string | undefined
  host: string
  /** 0 for any free port. */
  port: number
  access: AccessSettings
  limits: CoordinatorLimits
  clock: Clock
  logger: Logger
  telemetry: Telemetry
  /** A secret by the name of its environment variable. */
  secret(name: string): string | undefined
  /**
   * What share of their pauses the loops wait; all of it when absent. Less where `clock` is moved by hand:
   * it is not the time that would have to pass.
   */
  loopPace?: number
}

export type Coordinator = {
  /** Opens the store, starts the loops, listens. Resolves with the address: `http://127.0.0.1:8080`. */
  start(): Promise<string>
  /**
   * Of the last start: the one-time link by which the first admin comes in, where there is none yet. A
   * secret, to be shown to whoever started the coordinator and to nobody else.
   */
  readonly firstInvitation: Invitation | undefined
  /** Every route of the last start, with who may call it. */
  readonly routes: readonly ServedRoute[]
  /** Stops everything, last started first, within 5 s. May be called at any time, and twice. */
  stop(): Promise<void>
}

/**
 * Makes a coordinator: built, not yet running.
 *
 * States: built → started → stopped. What it decides is in `src/domain/`; what is due is in the
 * store, so stopping or dying at any moment loses nothing.
 */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { clock, logger, fleet } = options
  const lifecycle = createLifecycle(logger)
  let firstInvitation: Invitation | undefined
  let routes: readonly ServedRoute[] = []

  async function start(): Promise<string> {
    const store = await openStore(options.location, logger)
    lifecycle.onStop('store', () => store.close())
    const adoption = await adoptDefinitions(store, fleet, clock.now())
    const http = createHttpClient()
    lifecycle.onStop('http client', () => http.close())

    const loops: WokenLoops = {}
    const key = await serverKey(store, 'links')
    let publicUrl = options.access.publicUrl ?? ''
    const metrics = createCoordinatorMetrics()
    const parts: CoordinatorParts = {
      store,
      fleet,
      clock,
      random: systemRandom,
      logger,
      feed: createLiveFeed(),
      artifacts: createArtifactFolder(join(options.dataFolder, 'artifacts')),
      baselines: createBaselines(),
      usualRuns: createUsualRuns(),
      troubledRegions: new Set(),
      metrics,
      commands: createProbeCommands({ clock, metrics }),
      confirmations: createRecentMinute(clock),
      http,
      links: createLinks({ key, base: () => publicUrl }),
      secret: options.secret,
      jobTokens: createJobTokens(options),
      access: options.access,
      passwords: createPasswords(),
      listening: startListening(clock, adoption.lastWorkedAt),
      limits: options.limits,
      wake: wakeOf(loops),
    }
    await closeRemovedChecks(parts, adoption.removed)
    await closeRemovedSources(parts)
    await addFirstAdmin(parts)
    // The log names the tokens that are missing before their jobs call in vain.
    for (const job of fleet.checks.filter(isHeartbeat)) parts.jobTokens.find(job)
    tellMissingSecrets(options)

    const { server, guard } = await createServer({
      parts,
      lifecycle,
      telemetry: options.telemetry,
      dashboardFolder: options.dashboardFolder,
    })
    const address = await listen(server, options)
    publicUrl ||= address
    routes = guard.routes()
    firstInvitation = await inviteFirstAdmin(parts, publicUrl)
    lifecycle.onStop('http server', () => server.close())

    const pace = options.loopPace ?? 1
    const run = (loop: Loop<CoordinatorParts>) =>
      startLoop({ ...loop, everyMs: loop.everyMs * pace }, parts, { lifecycle, logger })
    loops.evaluateAlerts = run(evaluateAlerts)
    loops.readInbox = run(readInbox)
    loops.escalate = run(escalate)
    loops.deliver = run(deliverNotifications)
    loops.runSweeps = run(runSweeps)
    for (const loop of unhurriedLoops(options)) run(loop)

    tellStart(options, address, adoption)
    return address
  }

  return {
    start: () =>
      start().catch(async (error: unknown) => {
        await lifecycle.stop()
        throw error
      }),
    stop: () => lifecycle.stop(),
    get routes() {
      return routes
    },
    get firstInvitation() {
      return firstInvitation
    },
  }
}

/** Before somebody is to be reached and is not. One that is set while we run counts from then on. */
function tellMissingSecrets({ fleet, secret, logger }: CoordinatorOptions): void {
  const problemOf = (variable: string): string | undefined => {
    try {
      return secret(variable) ? undefined : `neither ${variable} nor ${variable}_FILE is set`
    } catch (error) {
      // Its path is all that could be said more.
      return `the file that ${variable}_FILE names cannot be read: ${codeOf(error) ?? 'unknown'}`
    }
  }
  for (const { variable, usedBy } of neededSecrets(fleet)) {
    const problem = problemOf(variable)
    if (problem) logger.warn({ variable, usedBy, problem }, 'channels or people are not reached')
  }
}

function tellStart(
  { fleet, logger }: CoordinatorOptions,
  address: string,
  adoption: Awaited<ReturnType<typeof adoptDefinitions>>,
): void {
  logger.info(
    {
      address,
      instance: randomUUID(),
      checks: fleet.checks.length,
      definitions: fleet.hash,
      added: adoption.added.length,
      changed: adoption.changed.length,
      removed: adoption.removed.length,
    },
    'coordinator started',
  )
}

/** Loops that others start a pass of. */
type WokenLoops = {
  evaluateAlerts?: RunningLoop
  readInbox?: RunningLoop
  runSweeps?: RunningLoop
  deliver?: RunningLoop
  escalate?: RunningLoop
}

const wakeOf = (loops: WokenLoops): CoordinatorParts['wake'] => ({
  evaluateAlerts: () => loops.evaluateAlerts?.wake(),
  readInbox: () => loops.readInbox?.wake(),
  runSweeps: () => loops.runSweeps?.wake(),
  deliver() {
    loops.escalate?.wake()
    loops.deliver?.wake()
  },
})

/** Those that nobody wakes. */
const unhurriedLoops = ({ statusPageFolder }: CoordinatorOptions): Loop<CoordinatorParts>[] => [
  accountSlots,
  watchRegions,
  watchHeartbeats,
  watchObjectives,
  countTraffic,
  watchReports,
  pollVendors(),
  runQueries,
  watchThroughput,
  followIncidents,
  lookCloser(),
  leadIncidents,
  noteMeasuredDays(),
  ...(statusPageFolder === undefined ? [] : [writeStatusPage(statusPageFolder)]),
  forgetHistory,
  observeStore,
  tellDetectionTimes,
  auditPages,
  handOffShifts,
  sendDigests(),
]

async function listen(
  server: Awaited<ReturnType<typeof createServer>>['server'],
  { host, port }: CoordinatorOptions,
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (cause) {
    if (codeOf(cause) !== 'EADDRINUSE') throw cause
    throw new AppError('port.taken', `port ${port} on ${host} is taken by another process`, {
      cause,
    })
  }
}
