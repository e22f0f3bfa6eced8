import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { clip } from '../../base/clip.ts'
import { describeDuration } from '../../base/duration.ts'
import { within } from '../../runtime/deadline.ts'
import type { Environment } from '../../runtime/environment.ts'
import { maskPairs } from '../../runtime/mask-secrets.ts'
import { groupGone, killGroup } from '../journey/process-group.ts'

export type ReadSecret = { value: string } | { why: string }

/** Longer than a key with all its certificates. */
const OUTPUT_BYTES_MAX = 64 * 1024
const SAID_BYTES_MAX = 4_000
/** What of its complaint is told. */
const SAID_SHOWN_MAX = 200
const GONE_MS = 1_000

export type ReadOptions = {
  name: string
  words: readonly [string, ...string[]]
  environment: Environment
  deadlineMs: number
  signal: AbortSignal
  /** What the secret was before, which the command may say in its complaint. */
  knownValue?: string | undefined
}

/**
 * Runs a command that prints a secret, and ends it and everything that it started when it takes too long.
 * What it prints is never told, and its complaint only without what it printed.
 */
export async function readByCommand(options: ReadOptions): Promise<ReadSecret> {
  const { name, words, environment, deadlineMs, signal, knownValue } = options
  const [program, ...rest] = words
  const shown = basename(program)
  if (signal.aborted) return { why: 'the probe stops' }
  const child = spawn(program, rest, {
    env: environment,
    // What it starts is in its group, and ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  let bytes = 0
  let said = ''
  const tooMuch = Promise.withResolvers<'too much'>()
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > OUTPUT_BYTES_MAX) tooMuch.resolve('too much')
    else output.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < SAID_BYTES_MAX) said += chunk.toString('utf8')
  })
  const ended = once(child, 'close').then(
    ([code, by]) => ({ code: code as number | null, by: by as string | null }),
    (error: Error) => ({ error }),
  )
  const stopped = new Promise<'stopped'>((resolve) =>
    signal.addEventListener('abort', () => resolve('stopped'), { once: true }),
  )
  const end = await within(deadlineMs, Promise.race([ended, tooMuch.promise, stopped]))
  const hasEnded = child.exitCode !== null || child.signalCode !== null
  if (child.pid !== undefined && !hasEnded) {
    killGroup(child.pid)
    await groupGone(child.pid, GONE_MS)
  }
  child.stdout.destroy()
  child.stderr.destroy()

  const value = Buffer.concat(output)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (end === undefined)
    return { why: `${shown} did not end within ${describeDuration(deadlineMs)}` }
  if (end === 'stopped') return { why: 'the probe stops' }
  if (end === 'too much')
    return { why: `${shown} printed more than ${OUTPUT_BYTES_MAX / 1024} KiB` }
  if ('error' in end) return { why: `${shown} cannot be started: ${codeOf(end.error)}` }
  if (end.code !== 0) {
    const mask = maskPairs(
      [...value.split('\n'), value, knownValue ?? ''].map((text) => [name, text]),
    )
    const complaint = clip(mask(said).replace(/\s+/g, ' ').trim(), SAID_SHOWN_MAX)
    const how = end.by === null ? `exit code ${end.code}` : end.by
    return { why: `${shown} failed with ${how}${complaint === '' ? '' : `: ${complaint}`}` }
  }
  return value === '' ? { why: `${shown} printed nothing` } : { value }
}

const codeOf = (error: Error) => ('code' in error ? String(error.code) : error.message)
