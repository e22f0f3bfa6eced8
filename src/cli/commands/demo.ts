import { join } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { createDemoControlClient, type DemoControlClient } from '../../demo/control-client.ts'
import { createDemo } from '../../demo/demo.ts'
import { createPaint, demoScreen } from '../../demo/demo-screen.ts'
import { type DemoState, findDemo } from '../../demo/demo-state-file.ts'
import { createLiveScreen } from '../../demo/terminal.ts'
import { createLifecycle, untilSignalled } from '../../runtime/lifecycle.ts'
import { createLogger } from '../../runtime/logger.ts'
import { systemClock } from '../../runtime/system-clock.ts'

/** The project's own folder: the demo's definitions are the ones that come with it. */
const PROJECT = join(import.meta.dirname, '../../..')

const REGIONS = ['eu-west', 'us-east', 'ap-south']

/** `firewatch demo`: the whole fleet on this machine, and the switches to break its shop. */
export function addDemoCommand(program: Command): void {
  const demo = program
    .command('demo')
    .description('Run a demo shop with a whole fleet that watches it.')
    .action(async () => {
      process.exitCode = await runDemo()
    })

  demo
    .command('break')
    .argument('<fault>', 'what to break, such as orders-down')
    .option('--region <region>', 'for region-cut: the region that cannot reach the shop')
    .description('Break something in the demo shop.')
    .action(async (fault: string, options: { region?: string }) => {
      const client = await requireDemo()
      await client.setFault(fault, { on: true, region: options.region })
      const { available } = await client.status()
      const description = available.find(({ name }) => name === fault)?.description ?? ''
      process.stdout.write(`${fault} is on. ${description}\nMend it: npx firewatch demo fix\n`)
    })

  demo
    .command('fix')
    .description('Mend everything that was broken.')
    .action(async () => {
      const client = await requireDemo()
      const { faults } = await client.status()
      await client.fix()
      const names = faults.map(({ name }) => name).join(', ')
      process.stdout.write(names === '' ? 'Nothing was broken.\n' : `Mended: ${names}.\n`)
    })

  demo
    .command('env')
    .option('--region <region>', 'the region whose way to the shop to take', REGIONS[0])
    .description('Print the variables with which `firewatch run` reaches the demo shop.')
    .action((options: { region: string }) => printEnvironment(options.region))

  demo
    .command('status')
    .description('Say what is broken, and what could be.')
    .action(async () => {
      const { faults, available } = await (await requireDemo()).status()
      for (const { name, description } of available) {
        const on = faults.filter((fault) => fault.name === name)
        const where = on.flatMap((fault) => fault.regionId ?? []).join(', ')
        const state = on.length === 0 ? '' : where === '' ? '  (on)' : `  (on: ${where})`
        process.stdout.write(`${name.padEnd(22)}${description}${state}\n`)
      }
    })
}

async function printEnvironment(region: string): Promise<void> {
  const { environments } = await requireDemoState()
  const environment = environments[region]
  if (!environment) {
    const regions = Object.keys(environments).join(', ')
    throw new AppError('region.unknown', `the demo has no region ${region}; there are: ${regions}`)
  }
  for (const [name, value] of Object.entries(environment))
    process.stdout.write(`${name}=${value}\n`)
}

async function runDemo(): Promise<number> {
  const workFolder = process.cwd()
  const other = await findDemo(workFolder)
  if (other)
    throw new AppError(
      'port.taken',
      `a demo runs here already (process ${other.pid}), its shop at ${other.shopUrl}`,
    )

  const logger = createLogger('demo', process.env.FIREWATCH_LOG_LEVEL ?? 'error')
  const lifecycle = createLifecycle(logger)
  const screen = createLiveScreen(process.stdout)
  lifecycle.onStop('screen', () => screen.close())
  const paint = createPaint(process.stdout)
  const demo = createDemo({
    definitionsFolder: PROJECT,
    workFolder,
    regions: REGIONS,
    command: { node: process.execPath, program: join(PROJECT, 'src/cli/main.ts') },
    environment: process.env,
    clock: systemClock,
    logger,
    onChange: (view) => screen.show(demoScreen(view, paint)),
  })
  lifecycle.onStop('demo', () => demo.stop())
  // Listening for Ctrl-C comes first: it may come while the fleet still starts.
  const signalled = untilSignalled(lifecycle)
  const started = demo.start().then(() => signalled)
  return Promise.race([signalled, started])
}

const requireDemo = async (): Promise<DemoControlClient> =>
  createDemoControlClient((await requireDemoState()).controlPort)

async function requireDemoState(): Promise<DemoState> {
  const demo = await findDemo(process.cwd())
  if (!demo)
    throw new AppError('demo.not_running', 'no demo runs in this folder; start one with: npm start')
  return demo
}
