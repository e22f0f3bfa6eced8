import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { AppError } from '../base/app-error.ts'
import { nearestName } from '../base/nearest-name.ts'
import { formatProblem } from '../definitions/format-problem.ts'
import { loadFleet } from '../definitions/load-fleet.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { RegionNetwork } from '../protocol/config.ts'
import { isScript, type JourneyCheck, journeyDefaults } from '../protocol/kinds/journey.ts'
import type { Environment } from '../runtime/environment.ts'

/** For journeys that no check names; a check says its own. */
const AD_HOC_TIMEOUT_MS = 60_000

export type FoundCheck = {
  check: ProbedCheck
  /** The folder that a journey's `script` is relative to. */
  probesFolder: string
  /** Of the region, where it is known. */
  network?: RegionNetwork
}

export type FindCheckOptions = {
  /** The region to run as. */
  region?: string
  /** Holds `probes/` and `config/`. */
  folder: string
  environment: Environment
  /** For a journey file: the address that it starts from. */
  url?: string | undefined
  /** For a journey file: names of the secrets that it may read. */
  secrets?: string[] | undefined
  /** For a journey file: what it gets as `params`, besides what its check says. */
  params?: Record<string, string> | undefined
}

/**
 * The check that somebody means: its id, or the path of a journey file. A journey file that a check
 * names runs as that check; another one needs no definition at all.
 *
 * @throws {AppError} `definitions.invalid`, `check.unknown`, `journey.invalid`
 */
export async function findCheck(named: string, options: FindCheckOptions): Promise<FoundCheck> {
  return isScript(named) ? findJourney(named, options) : findById(named, options)
}

async function findById(
  id: string,
  { folder, environment, region }: FindCheckOptions,
): Promise<FoundCheck> {
  const loaded = await loadFleet(folder, environment)
  if (!loaded.ok)
    throw new AppError(
      'definitions.invalid',
      ['the definitions are not valid:', ...loaded.problems.map(formatProblem)].join('\n'),
    )
  const { checks, regions } = loaded.fleet
  const network = regions.find((known) => known.id === region)?.network
  const check = checks.find((candidate) => candidate.id === id)
  if (check?.kind === 'heartbeat')
    throw new AppError('check.unknown', `${id} is a heartbeat: its job calls, and nothing is run`)
  if (check) return { check, probesFolder: resolve(folder, 'probes'), ...(network && { network }) }
  const ids = checks.map((candidate) => candidate.id)
  const nearest = nearestName(id, ids)
  const hint = nearest ? `did you mean ${nearest}?` : `there are: ${ids.join(', ')}`
  throw new AppError('check.unknown', `no check has the id ${id}; ${hint}`)
}

async function findJourney(path: string, options: FindCheckOptions): Promise<FoundCheck> {
  const { folder, environment, region, url, secrets, params } = options
  const file = resolve(path)
  if (!existsSync(file)) throw new AppError('journey.invalid', `there is no file ${path}`)
  const loaded = await loadFleet(folder, environment)
  const probesFolder = resolve(folder, 'probes')
  // Without valid definitions it runs by itself: its author may just have begun.
  const { checks: known, regions } = loaded.ok ? loaded.fleet : { checks: [], regions: [] }
  const network = regions.find(({ id }) => id === region)?.network
  const check = known.find(
    (candidate) => candidate.kind === 'journey' && resolve(probesFolder, candidate.script) === file,
  )
  if (check?.kind === 'journey')
    return {
      check: {
        ...check,
        ...(url !== undefined && { url }),
        params: { ...check.params, ...params },
      },
      probesFolder,
      ...(network && { network }),
    }
  return {
    check: adHocCheck(file, { url, secrets, params }),
    probesFolder: dirname(file),
    ...(network && { network }),
  }
}

function adHocCheck(
  file: string,
  { url, secrets = [], params = {} }: Pick<FindCheckOptions, 'url' | 'secrets' | 'params'>,
): JourneyCheck {
  const script = basename(file)
  const id = script
    .replace(/\.(?:journey|spec|test)\.\w+$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return {
    id: id || 'journey',
    serviceId: 'ad-hoc',
    name: script,
    tier: 'minor',
    schedule: { kind: 'interval', everyMs: 60_000 },
    regions: ['here'],
    timeoutMs: AD_HOC_TIMEOUT_MS,
    expectations: [],
    alert: { failuresToFire: 1, regionsMin: 1, passesToResolve: 1 },
    hash: 'ad-hoc',
    ...journeyDefaults(),
    kind: 'journey',
    script,
    ...(url !== undefined && { url }),
    secrets,
    params,
  }
}
