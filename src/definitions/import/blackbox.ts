import { AppError } from '../../base/app-error.ts'
import { formatDuration } from '../../base/duration.ts'
import { httpOf } from './blackbox-http.ts'
import { dnsOf, grpcOf, icmpOf, tcpOf } from './blackbox-network.ts'
import { type ProbedTarget, readTargets } from './blackbox-targets.ts'
import {
  type ForeignMapping,
  foreignMapping,
  isMapping,
  type LeftOut,
  parseGoDuration,
  readForeign,
} from './foreign-file.ts'
import { type Imported, type ImportedCheck, writeFleet } from './written-fleet.ts'

export type TextFile = { file: string; text: string }

/** How a prober's module and a target become a check; undefined when they cannot, which it says. */
export type ProberImport = (
  options: ForeignMapping,
  target: string,
) => Record<string, unknown> | undefined

const PROBERS: Readonly<Record<string, ProberImport>> = {
  http: httpOf,
  tcp: tcpOf,
  dns: dnsOf,
  icmp: icmpOf,
  grpc: grpcOf,
}

const TIMEOUT_MS = 10_000
const EVERY_MS_MIN = 1_000

/**
 * Imports the modules of a blackbox_exporter, once for each target that Prometheus has them probe.
 *
 * @throws {AppError} `definitions.invalid` when one of the files cannot be read.
 */
export function importBlackbox(config: TextFile, targets: TextFile): Imported {
  const leftOut: LeftOut[] = []
  const content = readForeign(config.file, config.text)
  if (!isMapping(content) || !isMapping(content.modules))
    throw new AppError('definitions.invalid', `${config.file}: expected "modules"`)
  const { modules } = content
  const probed = readTargets(targets.file, targets.text, leftOut)
  const used = new Set(probed.map(({ module }) => module))
  for (const name of Object.keys(modules))
    if (!used.has(name))
      leftOut.push({ place: `${config.file}: modules.${name}`, why: 'no target uses it' })

  // What a module says without equivalent is said once, not for each of its targets.
  const said = new Set<string>()
  const checks = probed.flatMap((one) => {
    const found: LeftOut[] = []
    const module = Object.hasOwn(modules, one.module) ? modules[one.module] : undefined
    const at = `${config.file}: modules.${one.module}`
    const check = module === undefined ? undefined : checkOf(foreignMapping(at, module, found), one)
    if (module === undefined)
      found.push({ place: one.place, why: `there is no module ${one.module}` })
    for (const entry of found) {
      const key = JSON.stringify(entry)
      if (!said.has(key)) leftOut.push(entry)
      said.add(key)
    }
    return check ? [check] : []
  })
  return writeFleet(checks, leftOut)
}

function checkOf(module: ForeignMapping, probed: ProbedTarget): ImportedCheck | undefined {
  const { target, job, place, everyMs } = probed
  const prober = module.text('prober') ?? ''
  const importer = Object.hasOwn(PROBERS, prober) ? PROBERS[prober] : undefined
  if (!importer) {
    module.leaveOut('prober', `${prober || 'nothing'} is no prober that we know`)
    return undefined
  }
  const options = module.mapping(prober) ?? foreignMapping(`${module.place}.${prober}`, {}, [])
  const every = Math.max(EVERY_MS_MIN, everyMs)
  const timeoutMs = parseGoDuration(module.text('timeout') ?? '') ?? TIMEOUT_MS
  const own = importer(options, target)
  options.leaveOutRest()
  module.leaveOutRest()
  if (!own) return undefined
  return {
    service: job,
    name: `${target.replace(/^\w+:\/\//, '')} ${probed.module}`,
    source: `${place}: ${target} with module ${probed.module}`,
    check: {
      ...own,
      every: formatDuration(every),
      timeout: formatDuration(Math.min(timeoutMs, every)),
    },
  }
}
