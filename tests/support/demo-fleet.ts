import { expect } from 'vitest'
import type { z } from 'zod'
import {
  getNow,
  type Now,
  type RouteContract,
  runCheck,
  urlFor,
} from '../../src/protocol/public-api.ts'
import { type RunningCommand, runFirewatch, startFirewatch } from './command.ts'
import { descendantsOf, listProcesses, type ProcessEntry } from './processes.ts'
import { tempFolder } from './temp-folder.ts'
import { SELDOM_MS, until } from './until.ts'

/** A whole demo fleet as a newcomer starts it: real processes, browsers, shop. */
export type DemoFleet = {
  dashboard: string
  shop: string
  command: RunningCommand
  get<C extends RouteContract>(
    contract: C,
    params?: Record<string, string>,
    query?: Record<string, string>,
  ): Promise<z.output<C['response']>>
  now(): Promise<Now>
  /** Has every region look at the check at once, as a person may, outside its slots. */
  runNow(checkId: string): Promise<void>
  breakShop(fault: string, region?: string): Promise<void>
  fix(): Promise<void>
  processes(): ProcessEntry[]
  /** Ctrl-C; fails when the fleet does not stop in time or leaves anything behind. */
  interrupt(): Promise<void>
}

const STOP_WITHIN_MS = 5_000

export async function startDemoFleet(
  environment: Record<string, string | undefined> = {},
): Promise<DemoFleet> {
  const folder = await tempFolder()
  const command = startFirewatch(['demo'], { folder, environment })
  const url = (label: string) =>
    until(
      `the demo prints its ${label}`,
      () => {
        if (command.process.exitCode !== null) throw new Error(command.stderr())
        return new RegExp(`^ *${label} +(http://\\S+)`, 'm').exec(command.stdout())?.[1]
      },
      { withinMs: 30_000 },
    )
  const dashboard = await url('Dashboard')
  const shop = await url('Shop')

  const get: DemoFleet['get'] = async (contract, params, query) => {
    const response = await fetch(dashboard + urlFor(contract, params, query))
    return contract.response.parse(await response.json()) as never
  }
  const demo = async (...commandArguments: string[]) => {
    const done = await runFirewatch(['demo', ...commandArguments], { folder })
    expect(done).toMatchObject({ code: 0, stderr: '' })
  }
  const processes = () => descendantsOf(command.process.pid ?? 0)
  return {
    dashboard,
    shop,
    command,
    get,
    now: () => get(getNow),
    async runNow(checkId) {
      const response = await fetch(dashboard + urlFor(runCheck, { checkId }), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'Ada' }),
      })
      const answer = await response.json()
      if (!response.ok) throw new Error(`${checkId}: ${response.status} ${JSON.stringify(answer)}`)
      const { unreachable } = runCheck.response.parse(answer)
      if (unreachable.length > 0) throw new Error(`${checkId}: nobody listens in ${unreachable}`)
    },
    breakShop: (fault, region) => demo('break', fault, ...(region ? ['--region', region] : [])),
    fix: () => demo('fix'),
    processes,
    async interrupt() {
      const pids = new Set(processes().map((entry) => entry.pid))
      const startedAt = performance.now()
      command.process.kill('SIGINT')
      await command.exited
      expect(performance.now() - startedAt).toBeLessThan(STOP_WITHIN_MS)
      const left = () => listProcesses().filter((entry) => pids.has(entry.pid))
      const isClosed = (url: string) =>
        fetch(url).then(
          () => false,
          () => true,
        )
      expect(await isClosed(dashboard)).toBe(true)
      expect(await isClosed(shop)).toBe(true)
      await until('no process of the fleet is left', () => left().length === 0, { withinMs: 1_000 })
    },
  }
}

/** Every check has run in every region; those that are not waited for may not have. */
export async function untilEveryCheckHasRun(
  fleet: DemoFleet,
  withinMs: number,
  { but = [] }: { but?: readonly string[] } = {},
): Promise<Now> {
  return until(
    'every check has run in every region',
    async () => {
      const now = await fleet.now()
      const cells = now.services.flatMap((service) =>
        service.checks
          .filter(({ checkId }) => !but.includes(checkId))
          .flatMap((check) =>
            check.regions.map((region) => ({
              cell: `${check.checkId} in ${region.regionId}`,
              hasRun: region.slots.some((slot) => slot.runId !== undefined),
            })),
          ),
      )
      const waiting = cells.filter((cell) => !cell.hasRun).map(({ cell }) => cell)
      if (cells.length === 0 || waiting.length > 0)
        throw new Error(`awaited: ${waiting.join(', ')}`)
      return now
    },
    { withinMs, everyMs: SELDOM_MS },
  )
}
