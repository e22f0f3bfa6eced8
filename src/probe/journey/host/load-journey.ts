import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { codeFrame, formatProblem } from '../../../definitions/format-problem.ts'
import type { Problem } from '../../../definitions/problem.ts'
import { isJourney, type Journey } from '../../../sdk/journey.ts'
import { findLoadTrouble, type LoadTrouble, noJourneyTrouble } from '../load-trouble.ts'
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
  readonly problem: Problem

  constructor(trouble: LoadTrouble, options?: ErrorOptions) {
    const sourceLine = sourceOf(trouble.file)?.split('\n')[trouble.line - 1]
    const problem = { ...trouble, ...(sourceLine !== undefined && { sourceLine }) }
    // The last two folders tell which file it is, on whatever machine it lies.
    const file = trouble.file.split(/[/\\]/).slice(-2).join('/')
    const said = `the journey cannot be loaded: ${formatProblem({ ...problem, file })}`
    super([said, codeFrame(problem) ?? []].flat().join('\n'), options)
    this.problem = problem
  }
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
  throw new JourneyLoadError(noJourneyTrouble(file, sourceOf))
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

/** What went wrong and where, with the line: for whoever wrote it. */
function loadError(file: string, thrown: unknown): JourneyLoadError {
  const isError = thrown instanceof Error
  const trouble = findLoadTrouble(
    file,
    {
      name: isError ? thrown.name : 'thrown',
      message: describeError(thrown),
      stack: isError ? (thrown.stack ?? '') : '',
    },
    { sourceOf, isOurs: (path) => !isJourneyCode(pathToFileURL(path).href) },
  )
  return new JourneyLoadError(trouble, { cause: thrown })
}

const sourceOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // Then the place is said without its line.
  }
}
