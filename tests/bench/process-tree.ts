import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10

/**
 * Processor time of a process and of everything that was ever started below it, in milliseconds: what
 * each living process used, and what those used that it waited for after their end. Complete only below
 * a process that adopts orphans (`adopt-orphans.ts`): a browser's processes outlive their parents.
 * Each process counts in steps of 10 ms.
 */
export function treeCpuMs(root: number): number {
  const entries = readdirSync('/proc').flatMap((name) => readEntry(name) ?? [])
  const children = Map.groupBy(entries, ({ parent }) => parent)
  let ticks = 0
  const queue = entries.filter(({ pid }) => pid === root)
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    ticks += entry.ticks
    queue.push(...(children.get(entry.pid) ?? []))
  }
  return ticks * TICK_MS
}

type Entry = { pid: number; parent: number; ticks: number }

/** Zombies too: they were not waited for yet, and still tell what they used. */
function readEntry(name: string): Entry | undefined {
  if (!/^\d+$/.test(name)) return undefined
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    // The command is in parentheses and may itself contain any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // utime, stime, and both of the children that were waited for.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { pid: Number(name), parent: Number(fields[1]), ticks }
  } catch {
    return undefined // It ended while we read; then its parent has it.
  }
}
