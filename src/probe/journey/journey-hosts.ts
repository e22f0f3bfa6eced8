import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { CheckOf } from '../../protocol/check.ts'
import { isTestFile } from '../../protocol/kinds/journey.ts'
import { RecordedName } from '../../protocol/recording.ts'
import type { Environment } from '../../runtime/environment.ts'
import type { Logger } from '../../runtime/logger.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import type { ConnectTo } from '../connect-to.ts'
import type { FoundChromium } from '../find-chromium.ts'
import { createFindingsCollector } from './collect-findings.ts'
import { createRecordingCollector, type RecordedRun } from './collect-recording.ts'
import { findScript } from './find-script.ts'
import { sweepHostFolders } from './host-folder.ts'
import type { HostLimits } from './host-limits.ts'
import { createHostPool, type HostNeeds } from './host-pool.ts'
import { judgeRunEnd } from './judge-run-end.ts'
import type { BrowserOrder, PublicNetwork, RunOrder } from './messages.ts'

/** The warm browsers of a probe, each in a child process that can be killed. */
export type JourneyHosts = {
  /**
   * Runs a journey in a free host; writes into `context.findings`; throws what failed.
   *
   * Keeps the check's deadline by itself, counted from the journey's own start: `context.signal`
   * ends a run only when it aborts for another reason than a timeout.
   */
  run(check: CheckOf<'journey'>, context: CheckContext): Promise<void>
  /**
   * Runs a journey once more with everything recorded; measures nothing. Never throws: what could not be
   * recorded is told in the recording itself.
   */
  record(check: CheckOf<'journey'>, context: RecordContext): Promise<RecordedRun>
  /** Chromium's version, or why there is none; for heartbeats. */
  browser(): string
  stop(): Promise<void>
}

type OrderContext = Pick<
  CheckContext,
  'runId' | 'traceparent' | 'secret' | 'policy' | 'nameServers'
>

export type RecordContext = OrderContext & {
  /** Aborts when the probe stops. */
  stopSignal: AbortSignal
}

export type JourneyHostsParts = {
  /** Journeys at a time. */
  count: number
  /** The folder that the `script` of a check is relative to. */
  probesFolder: string
  environment: Environment
  /** When it is known already; otherwise it is looked for. */
  chromium?: FoundChromium | undefined
  connectTo: ConnectTo
  /** What a host may use up; the usual, where nothing is said. */
  limits?: Partial<HostLimits> | undefined
  logger: Logger
  clock: Clock
  /** Where screenshots lie until the run is recorded. */
  tempFolder: string
  /** Starts no browser before a journey needs it. */
  isCold?: boolean | undefined
  /** With a window, for the author of a journey to watch. */
  isHeaded?: boolean | undefined
  /** Waits before each action, for whoever watches. */
  slowMoMs?: number | undefined
  /** With Playwright's inspector, which stops before the first action. */
  isDebugged?: boolean | undefined
  /** Recorded of the very runs, for the author of a journey: they are slower than measured ones. */
  recorded?: readonly RecordedName[] | undefined
}

/** Makes the hosts, which start to warm up at once. `stop()` leaves no process and no file. */
export function createJourneyHosts(parts: JourneyHostsParts): JourneyHosts {
  const { clock, logger, probesFolder, tempFolder } = parts
  const pool = createHostPool(parts)
  const sweeping = sweepHostFolders().catch((error: unknown) => {
    // What is left takes space, but is in nobody's way.
    logger.warn({ error: messageOf(error) }, 'folders of earlier journey hosts cannot be removed')
  })

  async function orderFor(check: CheckOf<'journey'>, context: OrderContext) {
    const secrets = declaredSecrets(check, context)
    const script = await findScript(probesFolder, check.script)
    await mkdir(tempFolder, { recursive: true })
    const {
      timeoutMs,
      ignoreHttpsErrors,
      url: target = '',
      params,
      never,
      traceTo,
      evidence,
    } = check
    const order: Omit<RunOrder, 'runId'> = {
      kind: 'run',
      file: script.file,
      target,
      timeoutMs,
      isDebugged: parts.isDebugged,
      ignoreHttpsErrors,
      params,
      secrets,
      never,
      browser: browserOrder(check, context),
      publicNetwork: publicNetwork(check, context, parts.connectTo),
      traceTo,
      traceparent: context.traceparent,
      screenshots: evidence.screenshots,
      paintOver: evidence.paintOver,
      picturePrefix: join(tempFolder, `${context.runId}-`),
      ...(isTestFile(check.script) && {
        testFile: { probesFolder: script.root, projects: check.projects },
      }),
    }
    return { order, scriptHash: script.hash }
  }

  const placeFor = ({ script }: CheckOf<'journey'>) =>
    isTestFile(script) ? pool.useForTestFile : pool.use

  return {
    async run(check, context) {
      const { findings, runId } = context
      const { order, scriptHash } = await orderFor(check, context)
      findings.scriptHash(scriptHash)
      const { timeoutMs } = check
      const { picturePrefix } = order
      const names = parts.recorded ?? []
      const recording =
        names.length > 0 ? { folder: await recordingFolder(tempFolder), names } : undefined
      const collector = createFindingsCollector({
        findings,
        clock,
        timeoutMs,
        picturePrefix,
        recordingFolder: recording?.folder,
      })
      const end = await placeFor(check)(needsOf(check), stopSignal(context.signal), (host) =>
        host.run({ ...order, runId, recording }, collector.hear),
      )
      const error = judgeRunEnd(end, collector.openStep())
      await collector.close(error)
      if (error) throw error
    },
    async record(check, context) {
      const folder = await recordingFolder(tempFolder)
      const collector = createRecordingCollector({ folder, clock, timeoutMs: check.timeoutMs })
      try {
        const { order } = await orderFor(check, context)
        const { runId, stopSignal: stopping } = context
        const recording = { folder, names: RecordedName.options }
        const end = await placeFor(check)(needsOf(check), stopping, (host) =>
          host.run({ ...order, runId, screenshots: 'never', recording }, collector.hear),
        )
        return await collector.close(judgeRunEnd(end, collector.openStep()))
      } catch (error) {
        return await collector.close(asCheckError(error))
      }
    },
    browser: pool.browser,
    async stop() {
      await pool.stop()
      await sweeping
    },
  }
}

async function recordingFolder(tempFolder: string): Promise<string> {
  await mkdir(tempFolder, { recursive: true })
  return mkdtemp(join(tempFolder, 'recording-'))
}
const needsOf = ({ recycle, browser }: CheckOf<'journey'>): HostNeeds => ({
  isFresh: recycle === 'every-run',
  browser: { engine: browser.engine ?? 'chromium', channel: browser.channel },
})

/** @throws {CheckError} `probe.secret_missing`, naming all that this probe lacks. */
function declaredSecrets(check: CheckOf<'journey'>, context: OrderContext): Record<string, string> {
  const values = check.secrets.map((name) => [name, context.secret(name)] as const)
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name)
  if (missing.length > 0)
    throw new CheckError(
      'probe.secret_missing',
      `this probe does not have ${missing.join(', ')}, which the check declares as a secret`,
    )
  return Object.fromEntries(values.map(([name, value]) => [name, value ?? '']))
}

/**
 * Undefined where a run may connect to any address.
 *
 * @throws {CheckError} `connect.forbidden` when the check has a proxy of its own: it would look names up
 *   and connect in the place of the region's, and ask no policy.
 */
function publicNetwork(
  { browser: { proxy } }: CheckOf<'journey'>,
  { policy, nameServers }: OrderContext,
  { rules }: ConnectTo,
): PublicNetwork | undefined {
  if (policy.name === 'any') return undefined
  if (!proxy) return { connectTo: rules, nameServers }
  throw new CheckError(
    'connect.forbidden',
    `the check's proxy ${proxy.url} cannot be used here: probes of this region connect to public addresses only, and what a browser reaches through a proxy they cannot see`,
  )
}

/** @throws {CheckError} `probe.secret_missing` when the probe lacks the proxy's password. */
function browserOrder({ browser }: CheckOf<'journey'>, context: OrderContext): BrowserOrder {
  const { proxy, ...options } = browser
  if (!proxy) return options
  const { url, username, bypass } = proxy
  const password = proxy.password === undefined ? undefined : context.secret(proxy.password)
  if (proxy.password !== undefined && password === undefined)
    throw new CheckError(
      'probe.secret_missing',
      `this probe does not have ${proxy.password}, the password of the check's proxy`,
    )
  return {
    ...options,
    proxy: {
      server: url,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(bypass && { bypass: bypass.join(',') }),
    },
  }
}

/** Aborts when the probe stops, not when a time limit that somebody set has passed. */
function stopSignal(signal: AbortSignal): AbortSignal {
  const stopping = new AbortController()
  const pass = () => {
    const { reason } = signal
    const isTimeLimit = reason?.name === 'TimeoutError' || reason?.type === 'timeout'
    if (!isTimeLimit) stopping.abort(reason)
  }
  if (signal.aborted) pass()
  else signal.addEventListener('abort', pass, { once: true })
  return stopping.signal
}

const asCheckError = (error: unknown): CheckError =>
  error instanceof CheckError
    ? error
    : new CheckError('probe.internal', `the recording broke off: ${messageOf(error)}`)
