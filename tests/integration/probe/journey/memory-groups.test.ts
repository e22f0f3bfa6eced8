import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { type MemoryGroups, openMemoryGroups } from '../../../../src/probe/journey/memory-groups.ts'
import { isAlive } from '../../../../src/probe/journey/process-group.ts'
import { createJourneyBench } from '../../../support/journey-bench.ts'
import { until } from '../../../support/until.ts'

const MIB = 1024 ** 2
const found = openMemoryGroups()
const why = 'missing' in found ? found.missing : undefined
const groups = found as MemoryGroups
afterAll(() => {
  if (why !== undefined) process.stderr.write(`\nSKIPPED: no control groups here: ${why}\n`)
})

/** A shell that waits for a line before it does anything. */
function waitingShell(script: string) {
  const child = spawn('sh', ['-c', `read go; ${script}`], { stdio: ['pipe', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, pid: child.pid ?? 0, go: () => child.stdin.write('\n') }
}

test.skipIf(why)('what wants more than the limit is ended by the kernel', async () => {
  const group = groups.create(100 * MIB)
  const hungry = `exec '${process.execPath}' -e 'for (const all = [];;) all.push(Buffer.alloc(1e6, 1))'`
  const { child, pid, go } = waitingShell(hungry)
  group?.add(pid)
  expect(group?.pids()).toEqual([pid])
  expect(group?.hasKilled()).toBe(false)
  go()
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(group?.hasKilled()).toBe(true)
  await group?.remove()
  expect(readFileSync('/proc/self/cgroup', 'utf8')).not.toContain('firewatch-host')
})

test.skipIf(why)('a daemon that left everything else is still in the group', async () => {
  const group = groups.create(100 * MIB)
  const { child, pid, go } = waitingShell('setsid env -i sleep 60 & echo $!')
  group?.add(pid)
  const said = once(child.stdout, 'data')
  go()
  await said
  await once(child, 'exit')
  const [daemon = 0] = await until('only the daemon is left', () => {
    const pids = group?.pids() ?? []
    return pids.length === 1 && pids
  })
  expect(daemon).not.toBe(pid)
  process.kill(daemon, 'SIGKILL')
  await until('it has ended', () => !isAlive(daemon) || group?.pids().length === 0)
  await group?.remove()
  expect(group?.pids()).toEqual([])
})

test.skipIf(why)('a journey host is in a group with its limit, which goes with it', async () => {
  const bench = await createJourneyBench({ limits: { memoryBytesMax: 700 * MIB } })
  const read = `const { readFileSync } = await import('node:fs')
    log(readFileSync('/proc/self/cgroup', 'utf8').split('\\n').find((line) => line.includes('firewatch-host')) ?? 'none')`
  try {
    const run = await bench.tryOut(read)
    expect(run.error).toBeUndefined()
    expect(run.log[0]).toMatch(/firewatch-host-\d+-\d+$/)
  } finally {
    await bench.stop()
  }
})
