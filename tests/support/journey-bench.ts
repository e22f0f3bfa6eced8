import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ArtifactFile, CheckContext, CheckError } from '../../src/probe/checks/check-runner.ts'
import { connectTo } from '../../src/probe/connect-to.ts'
import {
  createJourneyHosts,
  type JourneyHostsParts,
} from '../../src/probe/journey/journey-hosts.ts'
import { type AddressPolicy, anyAddress } from '../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../src/probe/network/domain-registration.ts'
import { createTokenCache } from '../../src/probe/network/token-cache.ts'
import type { CheckOf } from '../../src/protocol/check.ts'
import type { BrowserRecord, Step } from '../../src/protocol/run.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aCheck } from './builders.ts'
import { runOnce, TRACEPARENT } from './check-context.ts'
import { noFindings } from './no-findings.ts'

/** Everything that a run wrote down, and what it threw. */
export type JourneyRun = {
  error: CheckError | undefined
  steps: Step[]
  artifacts: ArtifactFile[]
  log: string[]
  durationMs: number | undefined
  totalMs: unknown
  scriptHash: string | undefined
  browser: BrowserRecord | undefined
  /** How long `run()` took, with everything. */
  wallMs: number
}

export type RunOptions = Partial<CheckOf<'journey'>> & {
  known?: Record<string, string>
  signal?: AbortSignal | undefined
  policy?: AddressPolicy | undefined
  nameServers?: readonly string[] | undefined
}

/** Journey hosts with a folder of journeys, for tests; `stop()` belongs into `afterAll`. */
export async function createJourneyBench(overrides: Partial<JourneyHostsParts> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'firewatch-test-journeys-'))
  const hosts = createJourneyHosts({
    count: 1,
    probesFolder: join(folder, 'probes'),
    environment: process.env,
    connectTo: connectTo([]),
    logger: createLogger('test', 'silent'),
    clock: systemClock,
    tempFolder: join(folder, 'temp'),
    ...overrides,
  })

  async function write(script: string, source: string): Promise<string> {
    const file = join(folder, 'probes', script)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, source)
    return script
  }

  async function run(
    script: string,
    { known = {}, signal, policy, nameServers, ...check }: RunOptions = {},
  ) {
    const found: JourneyRun = {
      error: undefined,
      steps: [],
      artifacts: [],
      log: [],
      durationMs: undefined,
      totalMs: undefined,
      scriptHash: undefined,
      browser: undefined,
      wallMs: 0,
    }
    const startedAt = performance.now()
    const definition = aCheck('journey', { script, timeoutMs: 10_000, ...check })
    try {
      await hosts.run(definition, contextFor(found, known, { signal, policy, nameServers }))
    } catch (error) {
      found.error = error as CheckError
    }
    found.wallMs = performance.now() - startedAt
    return found
  }

  async function recordScript(
    script: string,
    { known = {}, policy = anyAddress, ...options }: RunOptions = {},
  ) {
    const check = aCheck('journey', { script, timeoutMs: 10_000, ...options })
    const { recording, files, folder } = await hosts.record(check, {
      runId: randomUUID(),
      traceparent: TRACEPARENT,
      secret: (name) => known[name],
      policy,
      stopSignal: new AbortController().signal,
    })
    const contents = new Map<string, Buffer>()
    for (const { name, path } of files) contents.set(name, await readFile(path))
    await rm(folder, { recursive: true })
    return { recording, files: contents }
  }

  return {
    hosts,
    folder,
    write,
    run,
    /** Writes a journey with this body, and runs it once. */
    async tryOut(body: string, options?: RunOptions, journeyOptions = '') {
      const script = await write(
        `shop/${randomUUID()}.journey.ts`,
        journeySource(body, journeyOptions),
      )
      return run(script, options)
    },
    recordScript,
    /** Records a journey with this body, and gives its files by their names. */
    async record(body: string, options: RunOptions = {}) {
      const script = await write(`shop/${randomUUID()}.journey.ts`, journeySource(body))
      return recordScript(script, options)
    },
    /** The same with what a probe makes of it: assertions and the verdict. */
    async outcome(body: string, options: Partial<CheckOf<'journey'>>) {
      const script = await write(`shop/${randomUUID()}.journey.ts`, journeySource(body))
      const check = aCheck('journey', { script, timeoutMs: 10_000, ...options })
      return runOnce(check, { journeyHosts: hosts, tempFolder: join(folder, 'temp') })
    },
    async stop() {
      await hosts.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type JourneyBench = Awaited<ReturnType<typeof createJourneyBench>>

export function journeySource(body: string, journeyOptions = ''): string {
  return `import { expect, journey } from 'firewatch'
export default journey(${journeyOptions ? `${journeyOptions}, ` : ''}async ({ page, context, request, step, soft, skip, target, params, secrets, totp, log }) => {
${body}
})
`
}

function contextFor(
  found: JourneyRun,
  known: Record<string, string>,
  {
    signal = new AbortController().signal,
    policy = anyAddress,
    nameServers,
  }: Pick<RunOptions, 'signal' | 'policy' | 'nameServers'>,
): CheckContext {
  return {
    clock: systemClock,
    signal,
    runId: randomUUID(),
    regionId: 'eu-west',
    traceparent: TRACEPARENT,
    connectTo: connectTo([]),
    secret: (name) => known[name],
    get journeyHosts(): never {
      throw new Error('a journey needs no hosts besides those it runs in')
    },
    policy,
    nameServers,
    tokens: createTokenCache(),
    domains: createDomainRegistry(),
    findings: {
      ...noFindings,
      phase() {
        throw new Error('a journey has no phases')
      },
      subject(name, value) {
        if (name === 'total') found.totalMs = value
      },
      step: (step) => void found.steps.push(step),
      artifact: (artifact) => {
        if (!existsSync(artifact.path)) throw new Error(`no such file: ${artifact.path}`)
        found.artifacts.push(artifact)
      },
      log: (line) => void found.log.push(line),
      scriptHash: (hash) => {
        found.scriptHash = hash
      },
      browser: (record) => {
        found.browser = record
      },
      duration: (ms) => {
        found.durationMs = ms
      },
    },
  }
}
