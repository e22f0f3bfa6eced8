import { execFileSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { closeSync, constants, openSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer, DecodedPacket } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { resolveHost } from '../../../../src/probe/network/resolve-host.ts'
import { address, dnsTarget, reply } from '../../../support/dns-target.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const noHosts = () => undefined
const { signal } = new AbortController()
const v6: Answer = { type: 'AAAA', name: 'shop.test', ttl: 60, data: '2001:db8::1' }

const typeOf = (query: DecodedPacket) => query.questions?.[0]?.type
const both = (query: DecodedPacket) =>
  reply(query, { answers: [typeOf(query) === 'AAAA' ? v6 : address('192.0.2.1')] })

/** More than libuv has threads for file system, `dns.lookup` and the slow functions of crypto. */
const THREADS = 16

/** Takes every thread: each waits for somebody who writes into a pipe. */
async function blockThreads(): Promise<() => Promise<void>> {
  const pipe = join(await tempFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const waiting = Array.from({ length: THREADS }, () => open(pipe, 'r'))
  return async () => {
    const writer = openSync(pipe, constants.O_RDWR)
    const handles: FileHandle[] = await Promise.all(waiting)
    closeSync(writer)
    await Promise.all(handles.map((handle) => handle.close()))
  }
}

test('a disk that hangs, and with it every thread of the pool, does not delay a name', async () => {
  const target = await dnsTarget(both)
  const unblock = await blockThreads()
  let isLookedUp = false
  try {
    // What this is about: the usual way waits for a thread.
    const usual = lookup('127.0.0.1.', { family: 4 }).catch(() => undefined)
    void usual.then(() => {
      isLookedUp = true
    })
    const startedAt = performance.now()
    for (let round = 0; round < 20; round++) {
      const found = await resolveHost('shop.test', {
        signal,
        servers: [target.host],
        hosts: noHosts,
      })
      expect(found.toSorted()).toEqual(['192.0.2.1', '2001:db8::1'])
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(isLookedUp).toBe(false)
    await unblock()
    await usual
    expect(isLookedUp).toBe(true)
  } finally {
    if (!isLookedUp) await unblock()
  }
})

test('the hosts file is read without the pool too', async () => {
  const unblock = await blockThreads()
  try {
    expect(await resolveHost('localhost', { signal })).toContain('127.0.0.1')
  } finally {
    await unblock()
  }
})

describe('one family', () => {
  const asking = async (family: 4 | 6, respond = both) => {
    const types: (string | undefined)[] = []
    const target = await dnsTarget((query) => {
      types.push(typeOf(query))
      return respond(query)
    })
    const options = { signal, servers: [target.host], hosts: noHosts, family }
    return { found: resolveHost('shop.test', options), types }
  }

  test.each([
    { family: 4, addresses: ['192.0.2.1'], asked: ['A'] },
    { family: 6, addresses: ['2001:db8::1'], asked: ['AAAA'] },
  ] as const)('IPv$family: nothing else is asked for', async ({ family, addresses, asked }) => {
    const { found, types } = await asking(family)
    expect(await found).toEqual(addresses)
    expect(types).toEqual(asked)
  })

  test.each([4, 6] as const)('no IPv%i address', async (family) => {
    const { found } = await asking(family, (query) => reply(query))
    await expect(found).rejects.toMatchObject({
      type: 'dns.no_answer',
      message: `shop.test has no IPv${family} address`,
    })
  })
})
