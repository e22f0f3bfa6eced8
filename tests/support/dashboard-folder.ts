import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { until } from './until.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder in which the first file that needs the dashboard builds it. */
    dashboardFolder: string
  }
}

const ROOT = join(import.meta.dirname, '../..')
const BUILD_MS_MAX = 60_000

/** A place for the dashboard of one run of the tests, gone when the run is over. */
export default async function makeDashboardFolder(
  project: TestProject,
): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'firewatch-dashboard-'))
  project.provide('dashboardFolder', folder)
  return () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/**
 * The dashboard, built from the sources as they are. One file of a run builds it, those that come
 * meanwhile wait: it is the same for all.
 */
export async function builtDashboard(folder: string): Promise<string> {
  const built = join(folder, 'built')
  const isFirst = await mkdir(join(folder, 'begun')).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    const unfinished = join(folder, 'unfinished')
    await build(unfinished)
    await rename(unfinished, built)
  } else
    await until('the file that came first has built the dashboard', () => existsSync(built), {
      withinMs: BUILD_MS_MAX,
      everyMs: 100,
    })
  return built
}

async function build(folder: string): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  const command = [vite, 'build', 'src/dashboard', '--outDir', folder, '--logLevel', 'error']
  await promisify(execFile)(process.execPath, command, {
    cwd: ROOT,
    timeout: BUILD_MS_MAX,
    // Vitest sets it to "test", which would make it another program than the one that is used.
    env: { ...process.env, NODE_ENV: 'production' },
  })
}
