import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { codeOf } from '../../base/app-error.ts'

/** A longer file is a block list, and none of its names is a target. */
const FILE_BYTES_MAX = 1024 * 1024

export const HOSTS_FILE = '/etc/hosts'

type Table = ReadonlyMap<string, readonly string[]>

/** Finds a host's addresses in a hosts file; undefined when it is not there. */
export type HostsFile = (host: string) => readonly string[] | undefined

/**
 * Reads the file again only when it has changed. Synchronously: the file is small, and the
 * asynchronous way would wait in the pool of threads that slow disks can fill.
 */
export function createHostsFile(path: string): HostsFile {
  let table: Table = new Map()
  let readAt: number | undefined

  return (host) => {
    try {
      const { mtimeMs, size } = statSync(path)
      if (mtimeMs !== readAt) {
        table = size > FILE_BYTES_MAX ? new Map() : parseHosts(readFileSync(path, 'utf8'))
        readAt = mtimeMs
      }
    } catch (error) {
      // Machines without the file, or not allowed to read it, simply have no names in it.
      if (codeOf(error) === undefined) throw error
      table = new Map()
      readAt = undefined
    }
    return table.get(host)
  }
}

/** Lines of `address name name …`; the text after `#` is a comment. Names in lower case. */
export function parseHosts(text: string): Table {
  const table = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0) continue
    for (const name of names.map((written) => written.toLowerCase())) {
      const addresses = table.get(name) ?? []
      if (!addresses.includes(address)) table.set(name, [...addresses, address])
    }
  }
  return table
}
