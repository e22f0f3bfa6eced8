import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { coordinatorClient } from '../../../src/cli/coordinator-client.ts'
import { getNow, listRegions } from '../../../src/protocol/public-api.ts'
import { until } from '../../support/until.ts'
import { nextMessage, startProgram } from '../child-processes.ts'

export const REGIONS = ['eu-west', 'us-east', 'ap-south']
const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')
const TOKEN = 'a-token-for-the-bench-only'
const SECRET = `whsec_${Buffer.from('a secret for benches only, 32 by').toString('base64')}`

/** A check, which is the only one of its service; everything but the interval is as usual. */
export type BenchCheck = { id: string; everyS: number }

export type BenchFleet = { client: ReturnType<typeof coordinatorClient> }

/**
 * A coordinator and a probe in each of three regions, as processes of their own, reading files as
 * people write them. Ready when every region listens and every check has passed in each.
 */
export async function startBenchFleet(
  folder: string,
  { checks, shop }: { checks: readonly BenchCheck[]; shop: string },
): Promise<BenchFleet> {
  await writeFiles(folder, checks, shop)
  const common = { ...process.env, FIREWATCH_PROBE_TOKEN: TOKEN, FIREWATCH_LOG_LEVEL: 'error' }
  const coordinator = startProgram(MAIN, ['coordinator'], {
    env: {
      ...common,
      FIREWATCH_DIR: folder,
      FIREWATCH_DATA: join(folder, 'coordinator'),
      FIREWATCH_PORT: '0',
      BENCH_HOOK_SECRET: SECRET,
    },
  })
  const address = await nextMessage(coordinator, addressIn)
  for (const region of REGIONS)
    startProgram(MAIN, ['probe'], {
      env: {
        ...common,
        FIREWATCH_COORDINATOR_URL: address,
        FIREWATCH_REGION: region,
        FIREWATCH_PROBE_ID: `${region}-1`,
        FIREWATCH_PROBE_DATA: join(folder, region),
        FIREWATCH_BROWSERS: '0',
        FIREWATCH_METRICS_PORT: 'off',
      },
    })
  const client = coordinatorClient(address)
  await until('every region listens', async () => isListening(client), {
    withinMs: 120_000,
    everyMs: 500,
  })
  await until('every check passes everywhere', async () => isAllWell(client, checks.length), {
    withinMs: 240_000,
    everyMs: 2_000,
  })
  return { client }
}

const addressIn = (message: unknown): string | undefined =>
  typeof message === 'object' && message !== null && 'address' in message
    ? String(message.address)
    : undefined

async function isListening(client: BenchFleet['client']): Promise<boolean> {
  const { data } = await client.ask(listRegions)
  return data.every(
    ({ takesCommands, probes }) =>
      takesCommands === true &&
      probes.some(({ heartbeat }) => heartbeat.assignmentHash !== undefined),
  )
}

async function isAllWell(client: BenchFleet['client'], checkCount: number): Promise<boolean> {
  const { services } = await client.ask(getNow)
  const checks = services.flatMap((service) => service.checks)
  return (
    checks.length === checkCount &&
    checks.every(({ alert }) => alert.healthy.length === REGIONS.length)
  )
}

async function writeFiles(folder: string, checks: readonly BenchCheck[], shop: string) {
  const ids = checks.map(({ id }) => id)
  const files: Record<string, string> = {
    'config/regions.yaml': [
      'regions:',
      ...REGIONS.map((id) => `  - id: ${id}`),
      // A machine that is busy for a moment is not what is measured.
      'silentAfter: 2m',
    ].join('\n'),
    'config/services.yaml': [
      'services:',
      ...ids.map((id) => `  - { id: ${id}, tier: core, owner: bench }`),
    ].join('\n'),
    'config/notifications.yaml': [
      'channels:',
      `  - { id: bench, kind: webhook, url: '${shop}/hook', secret: BENCH_HOOK_SECRET }`,
    ].join('\n'),
    ...Object.fromEntries(
      checks.map(({ id, everyS }) => [
        `probes/${id}/${id}.checks.yaml`,
        [
          `service: ${id}`,
          'checks:',
          `  - { id: ${id}, kind: http, url: '${shop}/${id}', every: ${everyS}s, timeout: 5s, expect: { status: 200 } }`,
        ].join('\n'),
      ]),
    ),
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(folder, file, '..'), { recursive: true })
    await writeFile(join(folder, file), `${text}\n`)
  }
}
