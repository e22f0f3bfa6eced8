import { mkdirSync, mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './process-group.ts'

/**
 * Everything temporary of a host (the browser's profile, Playwright's own files) lies in one folder
 * that goes when the host goes. Named with the supervisor's pid, so that the folders of a probe
 * that was killed can be told from those in use.
 *
 * In the system's temporary folder, not in the probe's: Chrome makes a socket in it, and the path of
 * a socket may only have about 100 characters.
 */
const NAME = /^firewatch-host-(\d+)-/

export function makeHostFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), `firewatch-host-${process.pid}-`))
  mkdirSync(hostTemp(folder))
  return folder
}

/** What all processes of the host have for TMPDIR; the supervisor knows them by it. */
export const hostTemp = (folder: string): string => join(folder, 'tmp')

/** Removes a host's folder. The browser may still be writing into it while it ends. */
export async function removeHostFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

/** Removes what supervisors that no longer run have left behind. */
export async function sweepHostFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = NAME.exec(name)?.[1]
    if (owner && !isAlive(Number(owner))) await removeHostFolder(join(tmpdir(), name))
  }
}
