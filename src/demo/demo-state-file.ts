import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError, codeOf } from '../base/app-error.ts'

/** Where a running demo tells other commands how to reach it. */
export const DemoState = z.object({
  pid: z.number().int().positive(),
  controlPort: z.number().int().positive(),
  shopUrl: z.string(),
  /** Once it is up: where it is, and what commands of this folder show it. */
  coordinator: z.object({ url: z.string(), token: z.string() }).optional(),
  /** By region: the variables with which a run here reaches the shop as that region's probe does. */
  environments: z.record(z.string(), z.record(z.string(), z.string())),
})
export type DemoState = z.infer<typeof DemoState>

const fileIn = (folder: string) => join(folder, '.firewatch', 'demo.json')

/**
 * The demo that runs in this folder, or undefined when none does. A file that a killed demo left
 * behind counts as none.
 */
export async function findDemo(folder: string): Promise<DemoState | undefined> {
  const text = await readFile(fileIn(folder), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new AppError('demo.not_running', `${fileIn(folder)} cannot be read`, { cause: error })
  })
  if (text === undefined) return undefined
  const state = DemoState.safeParse(JSON.parse(text))
  return state.success && isAlive(state.data.pid) ? state.data : undefined
}

export async function writeDemoState(folder: string, state: DemoState): Promise<void> {
  const file = fileIn(folder)
  await mkdir(dirname(file), { recursive: true })
  // It lets whoever reads it lead incidents of the demo.
  await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export async function removeDemoState(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return codeOf(error) === 'EPERM'
  }
}
