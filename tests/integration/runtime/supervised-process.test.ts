import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SupervisedProcess } from '../../../src/runtime/supervised-process.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

async function supervise(script: string) {
  const folder = await tempFolder()
  const seen = {
    messages: [] as unknown[],
    exits: [] as string[],
    everythingStops: new AbortController(),
  }
  const supervised = new SupervisedProcess({
    command: process.execPath,
    arguments: ['--eval', script],
    environment: { ...process.env, GREETING: 'hello' },
    folder,
    stopSignal: seen.everythingStops.signal,
    logFile: join(folder, 'log'),
    onMessage: (message) => seen.messages.push(message),
    onExit: (reason) => seen.exits.push(reason),
  })
  supervised.start()
  onTestFinished(() => supervised.stop())
  return { supervised, seen, log: () => readFile(join(folder, 'log'), 'utf8') }
}

test('a process that dies is started again, and its output is kept', async () => {
  const { supervised, seen, log } = await supervise(
    'console.log(process.env.GREETING); process.send(process.pid); setInterval(() => {}, 1000)',
  )
  await until('it runs', () => seen.messages.length === 1)
  process.kill(seen.messages[0] as number, 'SIGKILL')
  await until('it runs again', () => seen.messages.length === 2)
  expect(seen.exits).toEqual(['SIGKILL'])
  expect(seen.messages[1]).toBe(supervised.pid)
  expect(await log()).toBe('hello\nhello\n')
})

test('stopping asks first, and does not start it again', async () => {
  const { supervised, seen, log } = await supervise(
    "process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); process.send('up'); setInterval(() => {}, 1000)",
  )
  await until('it runs', () => seen.messages.length === 1)
  await supervised.stop()
  expect(await log()).toBe('bye\n')
  expect(seen.exits).toEqual([])
})

test('a process that does not listen is killed', async () => {
  const { supervised, seen } = await supervise(
    "process.on('SIGTERM', () => {}); process.send('up'); setInterval(() => {}, 1000)",
  )
  await until('it runs', () => seen.messages.length === 1)
  const pid = supervised.pid ?? 0
  await supervised.stop()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('a process that ends while everything stops is not started again', async () => {
  const { supervised, seen } = await supervise("process.send('up'); setInterval(() => {}, 1000)")
  await until('it runs', () => seen.messages.length === 1)
  const pid = supervised.pid ?? 0
  seen.everythingStops.abort()
  process.kill(pid, 'SIGKILL')
  await until('it is gone', () => !isAlive(pid))
  await supervised.stop()
  expect(supervised.pid).toBe(pid)
  expect(seen).toMatchObject({ exits: [], messages: ['up'] })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // No such process.
  }
}
