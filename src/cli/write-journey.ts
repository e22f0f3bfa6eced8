import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { z } from 'zod'
import { AppError, codeOf } from '../base/app-error.ts'
import { nearestName } from '../base/nearest-name.ts'
import { addJourney, firstJourneyUrl, type JourneyEntry } from '../definitions/add-journey.ts'
import { formatProblem } from '../definitions/format-problem.ts'
import { loadFleet } from '../definitions/load-fleet.ts'
import { readConfig } from '../definitions/read-config.ts'
import { CheckId, ServiceId } from '../protocol/ids.ts'
import type { Environment } from '../runtime/environment.ts'

/** Answers everywhere, and is nobody's shop. */
const PLACEHOLDER_URL = 'https://example.com/'

/** A journey that is about to be written. */
export type JourneyPlace = {
  service: string
  name: string
  /** Relative to where the command was typed. */
  journeyFile: string
  checksFile: string
  /** What is in the file of checks; undefined when there is none yet. */
  checksText: string | undefined
}

/**
 * Finds out where a new journey goes, and that nothing is in its way.
 *
 * @throws {AppError} `definitions.invalid`, before anything is written.
 */
export async function placeJourney(
  service: string,
  name: string,
  { folder, environment }: { folder: string; environment: Environment },
): Promise<JourneyPlace> {
  requireName(ServiceId, service, 'service')
  requireName(CheckId, name, 'journey')
  await requireService(service, folder, environment)
  const loaded = await loadFleet(folder, environment)
  // Where other definitions have problems, `validate` says more than could be said here.
  const taken = loaded.ok && loaded.fleet.checks.find(({ id }) => id === name)
  if (taken) throw refusal(`${name} is a check of the service ${taken.serviceId} already`)
  const journeyFile = join(folder, 'probes', service, `${name}.journey.ts`)
  const checksFile = join(folder, 'probes', service, `${service}.checks.yaml`)
  if ((await readIfThere(journeyFile)) !== undefined)
    throw refusal(`${journeyFile} is there already, and stays`)
  const place = {
    service,
    name,
    journeyFile,
    checksFile,
    checksText: await readIfThere(checksFile),
  }
  addedTo(place, entryOf(place, { url: PLACEHOLDER_URL }))
  return place
}

/**
 * The service that a journey at this address belongs to: the only one, or the one whose journeys start at
 * the same origin.
 *
 * @throws {AppError} `definitions.invalid` when it has to be said.
 */
export async function serviceAt(
  url: string,
  { folder, environment }: { folder: string; environment: Environment },
): Promise<string> {
  const { known, problems } = await readConfig({ folder, environment })
  if (!known.services)
    throw refusal(['the services cannot be read:', ...problems.map(formatProblem)].join('\n'))
  const loaded = await loadFleet(folder, environment)
  const { origin } = new URL(url)
  const there = (loaded.ok ? loaded.fleet.checks : []).flatMap((check) =>
    check.kind === 'journey' && check.url !== undefined && new URL(check.url).origin === origin
      ? [check.serviceId]
      : [],
  )
  const candidates = new Set(known.services.length === 1 ? known.services : there)
  const [only] = candidates
  if (only !== undefined && candidates.size === 1) return only
  throw refusal(
    `say with --service which service ${origin} belongs to; there are: ${known.services.join(', ')}`,
  )
}

/** Where a new journey starts: what was said, else where the service's other journeys do. */
export const startOf = (place: JourneyPlace, url: string | undefined): string =>
  url ?? firstJourneyUrl(place.checksText ?? '') ?? PLACEHOLDER_URL

/** Writes the journey and its check: both, or none. */
export async function writeJourney(
  place: JourneyPlace,
  { source, url, secrets = [] }: { source: string; url: string; secrets?: readonly string[] },
): Promise<void> {
  const checks = addedTo(place, entryOf(place, { url, secrets }))
  await mkdir(join(place.journeyFile, '..'), { recursive: true })
  try {
    await writeFile(place.journeyFile, source, { flag: 'wx' })
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause
    throw new AppError('definitions.invalid', `${place.journeyFile} is there already, and stays`, {
      cause,
    })
  }
  try {
    await writeFile(place.checksFile, checks)
  } catch (cause) {
    await rm(place.journeyFile)
    const why = codeOf(cause) ?? 'unknown'
    throw new AppError('definitions.invalid', `${place.checksFile} cannot be written: ${why}`, {
      cause,
    })
  }
}

/** What was written, and what to do next, as seen from where the command was typed. */
export function sayWritten({ journeyFile, checksFile, checksText, name }: JourneyPlace): string {
  const seen = (file: string) => relative('.', file) || file
  return [
    `wrote ${seen(journeyFile)}`,
    `${checksText === undefined ? 'wrote' : 'added to'} ${seen(checksFile)}`,
    `Try it: npx firewatch run ${name}\n`,
  ].join('\n')
}

const entryOf = (
  { name }: Pick<JourneyPlace, 'name'>,
  rest: Pick<JourneyEntry, 'url' | 'secrets'>,
): JourneyEntry => ({ id: name, script: `./${name}.journey.ts`, ...rest })

function addedTo({ checksText, checksFile, service }: JourneyPlace, entry: JourneyEntry): string {
  const added = addJourney(checksText, service, entry)
  if (added.ok) return added.text
  throw refusal(`${checksFile} cannot take another journey: ${added.why}`)
}

const refusal = (message: string) => new AppError('definitions.invalid', message)

function requireName(schema: z.ZodType<string>, name: string, what: string): void {
  if (schema.safeParse(name).success) return
  throw refusal(
    `"${name}" is no name for a ${what}; expected lower-case letters, digits and single dashes, such as checkout-stop`,
  )
}

async function requireService(
  service: string,
  folder: string,
  environment: Environment,
): Promise<void> {
  const { known, problems } = await readConfig({ folder, environment })
  if (!known.services)
    throw refusal(['the services cannot be read:', ...problems.map(formatProblem)].join('\n'))
  if (known.services.includes(service)) return
  const nearest = nearestName(service, known.services)
  const hint = nearest ? `did you mean ${nearest}?` : `there are: ${known.services.join(', ')}`
  throw refusal(
    `config/services.yaml has no service ${service}; ${hint} A new one is written there first.`,
  )
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    const why = codeOf(cause) ?? 'unknown'
    throw new AppError('definitions.invalid', `${file} cannot be read: ${why}`, { cause })
  }
}
