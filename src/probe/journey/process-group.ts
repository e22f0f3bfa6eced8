import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { codeOf } from '../../base/app-error.ts'

const POLL_MS = 20

/** Ends every process of a group at once. A group that is gone already is fine. */
export function killGroup(leader: number): void {
  // kill(-1) is every process of this user: a number that we did not get from the system never
  // reaches this line, and this is the last guard.
  if (!Number.isSafeInteger(leader) || leader < 2 || leader === process.pid) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    // ESRCH: gone. EPERM (macOS): only zombies are left of it.
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error
  }
}

/** Waits until no process of the group is left; gives up quietly after `withinMs`. */
export async function groupGone(leader: number, withinMs: number): Promise<void> {
  for (let waited = 0; waited < withinMs && isGroupAlive(leader); waited += POLL_MS)
    await wait(POLL_MS)
}

function isGroupAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0)
    return true
  } catch {
    return false // No process of this group can be signalled any more.
  }
}

/** Whether a process runs; one that belongs to another user counts too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** A browser is a child of a worker, which is a child of Playwright's runner. */
const GENERATIONS_MAX = 3

/**
 * Whether `pid` descends from `ancestor`, at most three generations down. True where the system has no /proc to ask: then the word of
 * whoever says so has to do.
 */
export function isDescendantOf(pid: number, ancestor: number): boolean {
  try {
    readFileSync('/proc/self/stat')
  } catch {
    return true // Not Linux.
  }
  let current = pid
  for (let i = 0; i < GENERATIONS_MAX && current > 1; i++) {
    current = parentOf(current)
    if (current === ancestor) return true
  }
  return false
}

/** 0 when the process is gone already. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name is in parentheses and may itself contain any character.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
