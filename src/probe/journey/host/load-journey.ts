import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isJourney, type Journey } from '../../../sdk/journey.ts'
import { describeError } from './describe-error.ts'

/**
 * Loads journeys, and loads them again when they changed.
 *
 * Node keeps every module by its URL for good. So all modules of journeys (not ours, not those of
 * packages) get `?v=<generation>`, and whenever one of the files that were loaded has other content
 * than it had, a new generation begins: then also files that did not change see the new ones. What
 * older generations take in memory goes when the host is replaced.
 */
export type JourneyLoader = {
  /** @throws {JourneyLoadError} with where and why, for the person who wrote the journey. */
  load(file: string): Promise<Journey>
}

export class JourneyLoadError extends Error {
  override readonly name = 'JourneyLoadError'
}

const SOURCE_ROOT = new URL('../../../', import.meta.url).href
const SDK = new URL('../../../sdk/index.ts', import.meta.url).href

export function createJourneyLoader(): JourneyLoader {
  let generation = 1
  const loaded = new Map<string, string>()

  registerHooks({
    resolve(specifier, context, nextResolve) {
      // Journeys may lie in a mounted folder far from this package.
      if (specifier === 'firewatch') return { url: SDK, shortCircuit: true }
      const resolved = nextResolve(specifier, context)
      if (!isJourneyCode(resolved.url) || !context.conditions.includes('import')) return resolved
      const url = new URL(resolved.url)
      url.searchParams.set('v', String(generation))
      return { ...resolved, url: url.href }
    },
    load(url, context, nextLoad) {
      if (!isJourneyCode(url)) return nextLoad(url, context)
      const file = fileURLToPath(url)
      loaded.set(file, contentHash(file))
      // Without a package.json beside it Node would first have to guess what the file is.
      const format = file.endsWith('.ts') ? 'module-typescript' : context.format
      return nextLoad(url, { ...context, format })
    },
  })

  return {
    async load(file) {
      if ([...loaded].some(([path, hash]) => contentHash(path) !== hash)) {
        generation++
        loaded.clear()
      }
      try {
        const module: { default?: unknown } = await import(pathToFileURL(file).href)
        return journeyOf(module, file)
      } catch (error) {
        // Node would repeat an error that it kept, also when its cause is gone.
        generation++
        loaded.clear()
        throw error instanceof JourneyLoadError ? error : loadError(file, error)
      }
    },
  }
}

function journeyOf(module: { default?: unknown }, file: string): Journey {
  if (isJourney(module.default)) return module.default
  throw new JourneyLoadError(
    `${file} has no journey as its default export: expected export default journey(async ({ page, step }) => …)`,
  )
}

function isJourneyCode(url: string): boolean {
  return url.startsWith('file:') && !url.startsWith(SOURCE_ROOT) && !url.includes('/node_modules/')
}

/** The content's hash; a file that cannot be read has changed, whatever it was. */
function contentHash(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch {
    return 'unreadable'
  }
}

function loadError(file: string, thrown: unknown): JourneyLoadError {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const place = /((?:file:\/\/)?\/[^\s():]+)(?:\?v=\d+)?:(\d+)(?::(\d+))?/.exec(stack)
  const name = thrown instanceof Error ? thrown.name : 'thrown'
  const at = place ? ` at ${placeName(place[1] ?? '', file)}:${place[2]}` : ''
  return new JourneyLoadError(
    `the journey cannot be loaded${at}: ${name}: ${describeError(thrown)}`,
    { cause: thrown },
  )
}

/** A place as seen from the journey's own folder. */
function placeName(url: string, file: string): string {
  const path = (url.startsWith('file:') ? fileURLToPath(url) : url).replace(/\?v=\d+$/, '')
  return relative(file.replace(/[^/\\]+$/, ''), path) || path
}
