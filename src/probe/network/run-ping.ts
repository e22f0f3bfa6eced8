import { type ChildProcess, spawn } from 'node:child_process'
import { isIPv6 } from 'node:net'
import { codeOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'

/** Between two requests; less is for the superuser only. */
const INTERVAL_MS = 200
/** `ping` is asked for what it has so long before the time is up. */
const SUMMARY_MS = 150
/** Shortest time that an answer is waited for. */
const ANSWER_MS_MIN = 50
/** After the deadline, the pipes of a program that is dead are read for so long at most. */
const DRAIN_MS = 30
/** An answer takes some 70 bytes. Whoever prints more than this is not heard to the end. */
const OUTPUT_BYTES_MAX = 64 * 1024

export type PingOptions = {
  address: string
  /** Requests to send. */
  count: number
  /** Bytes of data in each. */
  size: number
  /** Until the check's time is up. */
  leftMs: number
  signal: AbortSignal
}

export type PingOutput = { stdout: string; stderr: string; exitCode: number | undefined }

/**
 * Runs the system's `ping` of iputils, in a process group of its own, which is gone by the deadline.
 * Gives what it printed until then.
 *
 * @throws {CheckError} `probe.tool_missing` when there is none, or none that may send.
 */
export async function runPing(options: PingOptions): Promise<PingOutput> {
  const { signal, leftMs } = options
  signal.throwIfAborted()
  const child = spawn('ping', argumentsFor(options), {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  })
  const stdout = collect(child, child.stdout)
  const stderr = collect(child, child.stderr)
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | undefined>()
  child.once('error', (error) => reject(explainSpawn(error)))
  child.once('close', (exitCode) => resolve(exitCode ?? undefined))
  let drain: NodeJS.Timeout | undefined
  const onDeadline = () => {
    killGroup(child, 'SIGKILL')
    // What it has said may still lie in the pipe: timers come before what there is to read.
    drain = setTimeout(resolve, DRAIN_MS, undefined)
  }
  signal.addEventListener('abort', onDeadline, { once: true })
  // Interrupted, it still says what it has.
  const interrupt = setTimeout(() => killGroup(child, 'SIGINT'), Math.max(0, leftMs - SUMMARY_MS))
  try {
    const exitCode = await ended
    requirePermitted(stderr())
    return { stdout: stdout(), stderr: stderr(), exitCode }
  } finally {
    clearTimeout(interrupt)
    clearTimeout(drain)
    signal.removeEventListener('abort', onDeadline)
  }
}

function argumentsFor({ address, count, size, leftMs }: PingOptions): string[] {
  const sendingMs = (count - 1) * INTERVAL_MS
  const answerMs = Math.max(ANSWER_MS_MIN, leftMs - sendingMs - 2 * SUMMARY_MS)
  return [
    isIPv6(address) ? '-6' : '-4',
    '-n',
    ...['-c', String(count)],
    ...['-s', String(size)],
    ...['-i', (INTERVAL_MS / 1_000).toFixed(3)],
    // Not `-w`: with it, more than `count` requests are sent when answers are missing.
    ...['-W', (answerMs / 1_000).toFixed(3)],
    '--',
    address,
  ]
}

/** Keeps the first bytes; ends the process when there are too many. */
function collect(child: ChildProcess, stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < OUTPUT_BYTES_MAX) chunks.push(chunk.subarray(0, OUTPUT_BYTES_MAX - bytes))
    bytes += chunk.length
    if (bytes > OUTPUT_BYTES_MAX) killGroup(child, 'SIGKILL')
  })
  return () => Buffer.concat(chunks).toString()
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess, how: NodeJS.Signals): void {
  // Its number may belong to somebody else by now.
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, how)
  } catch {
    // It has ended in this very moment, which is all that was wanted.
  }
}

function explainSpawn(error: Error): Error {
  const code = codeOf(error)
  if (code === 'ENOENT')
    return new CheckError(
      'probe.tool_missing',
      'this probe has no program "ping", which icmp checks need: install iputils (Debian and Ubuntu: apt-get install iputils-ping; Alpine: apk add iputils)',
    )
  if (code === 'EACCES' || code === 'EPERM')
    return new CheckError(
      'probe.tool_missing',
      'this probe may not run the program "ping", which icmp checks need',
    )
  return error
}

const NOT_PERMITTED = /^.*?socket: (?:Operation not permitted|Permission denied).*$/m
const NOT_IPUTILS =
  /^.*(?:invalid option|unrecognized option|illegal option|invalid argument|bad number|BusyBox).*$/im

function requirePermitted(stderr: string): void {
  if (NOT_PERMITTED.test(stderr))
    throw new CheckError(
      'probe.tool_missing',
      `ping may not send on this probe (${lineOf(NOT_PERMITTED, stderr)}): let sysctl net.ipv4.ping_group_range include the probe's group, or give ping the capability cap_net_raw`,
    )
  if (NOT_IPUTILS.test(stderr))
    throw new CheckError(
      'probe.tool_missing',
      `the ping of this probe is not the one of iputils, which icmp checks need (${lineOf(NOT_IPUTILS, stderr)})`,
    )
}

const lineOf = (pattern: RegExp, text: string): string => pattern.exec(text)?.[0].trim() ?? ''
