import { readdirSync, readFileSync } from 'node:fs'

export type ProcessEntry = { pid: number; parent: number; group: number; command: string }

/** The processes of this machine, from /proc; empty where there is none. */
export function listProcesses(): ProcessEntry[] {
  const entries: ProcessEntry[] = []
  for (const name of readProcFolder()) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The command is in parentheses and may itself contain any character.
      const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z') continue
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      entries.push({ pid: Number(name), parent: Number(parent), group: Number(group), command })
    } catch {
      // It ended while we read; then it is none of ours to report.
    }
  }
  return entries
}

function readProcFolder(): string[] {
  try {
    return readdirSync('/proc')
  } catch {
    return [] // Not Linux.
  }
}

/** All processes below `ancestor`, however deep. */
export function descendantsOf(ancestor: number): ProcessEntry[] {
  const all = listProcesses()
  const found: ProcessEntry[] = []
  const queue = [ancestor]
  for (let parent = queue.pop(); parent !== undefined; parent = queue.pop()) {
    for (const entry of all) {
      if (entry.parent !== parent) continue
      found.push(entry)
      queue.push(entry.pid)
    }
  }
  return found
}
