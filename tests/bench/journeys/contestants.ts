import { once } from 'node:events'
import { join } from 'node:path'
import { ADOPTING } from '../adopt-orphans.ts'
import { nextMessage, startProgram } from '../child-processes.ts'
import type { ContestantAnswer, ContestantOrder, ContestantSettings } from './contestant-process.ts'
import type { Command } from './run-command.ts'

const ROOT = join(import.meta.dirname, '../../..')

export const NAMES = ['firewatch', 'bare', 'guarded', 'playwright-test', 'synthetics'] as const
export type ContestantName = (typeof NAMES)[number]

export const TITLES: Record<ContestantName, string> = {
  firewatch: 'Firewatch',
  bare: 'bare loop, warm browser',
  guarded: 'bare loop with a route that stops orders',
  'playwright-test': '`playwright test` for each run',
  synthetics: '`@elastic/synthetics` for each run',
}

export type RunningContestant = {
  name: ContestantName
  pid: number
  /** Milliseconds for all runs. @throws {Error} when one did not pass. */
  run(runs: number): Promise<number>
  stop(): Promise<void>
}

export type ContestantParts = Omit<ContestantSettings, 'variant'> & {
  /** Where `@elastic/synthetics` is installed. */
  syntheticsFolder: string
}

export async function startContestant(
  name: ContestantName,
  parts: ContestantParts,
): Promise<RunningContestant> {
  const { syntheticsFolder, ...settings } = parts
  const { program, variant } = programOf(name, parts)
  const child = startProgram(
    join(import.meta.dirname, program),
    [JSON.stringify({ ...settings, variant } satisfies ContestantSettings)],
    { execArgv: ADOPTING },
  )
  const next = <K extends ContestantAnswer['kind']>(kind: K) =>
    nextMessage(child, (message) => {
      const answer = message as ContestantAnswer
      if (answer.kind === 'failed') throw new Error(`${name}: ${answer.message}`)
      return answer.kind === kind ? (answer as Extract<ContestantAnswer, { kind: K }>) : undefined
    })
  await next('ready')
  return {
    name,
    pid: child.pid ?? 0,
    async run(runs) {
      const ran = next('ran')
      child.send({ runs } satisfies ContestantOrder)
      return (await ran).wallMs
    },
    async stop() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

function programOf(
  name: ContestantName,
  parts: ContestantParts,
): { program: string; variant?: string } {
  switch (name) {
    case 'firewatch':
      return { program: 'run-ours.ts' }
    case 'bare':
      return { program: 'run-bare-loop.ts' }
    case 'guarded':
      return { program: 'run-bare-loop.ts', variant: 'guarded' }
    case 'playwright-test':
      return { program: 'run-command.ts', variant: JSON.stringify(playwrightTest(parts)) }
    case 'synthetics':
      return { program: 'run-command.ts', variant: JSON.stringify(synthetics(parts)) }
  }
}

/** Without `npx`, which would take half a second more to find it. */
function playwrightTest(parts: ContestantParts): Command {
  const config = join(import.meta.dirname, 'usual-way/playwright-config.ts')
  return {
    file: process.execPath,
    args: [join(ROOT, 'node_modules/playwright/cli.js'), 'test', '-c', config],
    folder: ROOT,
    environment: {
      BENCH_TARGET: parts.target,
      BENCH_CHROMIUM: parts.chromium,
      BENCH_ARGUMENTS: JSON.stringify(parts.browserArguments),
      BENCH_FOLDER: parts.folder,
    },
  }
}

/** As it comes, but for pictures of steps that passed, which nobody else takes. */
function synthetics(parts: ContestantParts): Command {
  const { chromium: executablePath, browserArguments: args } = parts
  return {
    file: process.execPath,
    args: [
      join(parts.syntheticsFolder, 'node_modules/@elastic/synthetics/dist/cli.js'),
      'journeys',
      '--no-throttling',
      '--screenshots',
      'only-on-failure',
      '--params',
      JSON.stringify({ target: parts.target }),
      '--playwright-options',
      JSON.stringify({ executablePath, args }),
    ],
    folder: parts.syntheticsFolder,
    environment: {},
  }
}
