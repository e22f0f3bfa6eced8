import { isUtf8 } from 'node:buffer'
import { readFile, writeFile } from 'node:fs/promises'
import { type Unzipped, unzipSync, zipSync } from 'fflate'
import type { Mask } from '../../../runtime/mask-secrets.ts'
import { redactHeader } from '../../network/redact-exchange.ts'
import { REDACTED } from '../../network/redact-text.ts'

/** Hides what must not be seen in the files of a recording. */
export type RecordingMask = {
  /** A text file, such as the page's DOM. */
  text(content: string): string
  /** JSON, or one JSON value a line, with requests and answers in it. */
  exchanges(content: string): string
  /** Playwright's trace, in place. */
  trace(path: string): Promise<void>
}

/** @param secrets values by their names. */
export function createRecordingMask(
  mask: Mask,
  secrets: Readonly<Record<string, string>>,
): RecordingMask {
  const exchanges = (content: string) => mask(redactExchanges(content))
  const needles = Object.values(secrets).map((value) => Buffer.from(value))
  /** What is no text cannot be masked: with a secret in it, it is left out. */
  const binary = (content: Buffer<ArrayBuffer>) =>
    needles.some((needle) => content.includes(needle)) ? Buffer.alloc(0) : content

  function entry(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const buffer = Buffer.from(content)
    if (!isUtf8(buffer)) return binary(buffer)
    const text = buffer.toString('utf8')
    return Buffer.from(/\.(trace|network|stacks)$/.test(name) ? exchanges(text) : mask(text))
  }

  return {
    text: mask,
    exchanges,
    async trace(path) {
      const masked: Unzipped = {}
      for (const [name, content] of Object.entries(unzipSync(await readFile(path))))
        masked[name] = entry(name, content)
      await writeFile(path, zipSync(masked))
    },
  }
}

/** Credentials of sessions go from headers and cookies, wherever these stand in the JSON. */
function redactExchanges(content: string): string {
  const whole = parseJson(content)
  if (whole !== undefined) return JSON.stringify(redact(whole))
  return content
    .split('\n')
    .map((line) => {
      const value = parseJson(line)
      return value === undefined ? line : JSON.stringify(redact(value))
    })
    .join('\n')
}

function parseJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Then it is JSON line by line, or none at all.
  }
}

/** Deeper than any trace is; whoever nests more is not read further. */
const DEPTH_MAX = 60

function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'headers' && Array.isArray(inner)) return [key, inner.map(redactPair)]
      if (key === 'cookies' && Array.isArray(inner)) return [key, inner.map(redactCookie)]
      return [key, redact(inner, depth + 1)]
    }),
  )
}

type Pair = { name?: unknown; value?: unknown }

/** Only what is relative to the page would need the page's address; headers of a recording are whole. */
const BASE = new URL('http://unknown.invalid/')

const redactPair = (pair: Pair): Pair =>
  typeof pair?.name === 'string' && typeof pair.value === 'string'
    ? { ...pair, value: redactHeader(pair.name.toLowerCase(), pair.value, BASE) }
    : pair

const redactCookie = (cookie: Pair): Pair => ({ ...cookie, value: REDACTED })
