import { AppError } from '../../base/app-error.ts'
import {
  type ForeignMapping,
  foreignMapping,
  isMapping,
  type LeftOut,
  parseGoDuration,
  readForeign,
} from './foreign-file.ts'

/** One thing that a module of the exporter is asked to probe. */
export type ProbedTarget = {
  module: string
  target: string
  job: string
  everyMs: number
  place: string
}

/** Prometheus's own, where nothing is written. */
const EVERY_MS = 60_000
const DEFAULT_MODULE = 'http_2xx'
const JOB = 'blackbox'

/** Reads what is probed from a prometheus.yml, a file for file_sd, or lines of `module target`. */
export function readTargets(file: string, text: string, leftOut: LeftOut[]): ProbedTarget[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  const isPlainList = lines.every((line) => line === '' || /^[\w-]+\s+\S+$/.test(line))
  if (isPlainList)
    return lines.flatMap((line, index) => {
      const [module, target] = line.split(/\s+/)
      if (!module || !target) return []
      return [{ module, target, job: JOB, everyMs: EVERY_MS, place: `${file}: line ${index + 1}` }]
    })
  const content = readForeign(file, text)
  if (Array.isArray(content)) {
    const groups = foreignMapping(`${file}: `, { groups: content }, leftOut).mappings('groups')
    return groups.flatMap((group) => targetsOf(group, { job: JOB, everyMs: EVERY_MS }))
  }
  if (!isMapping(content) || !Array.isArray(content.scrape_configs))
    throw new AppError(
      'definitions.invalid',
      `${file}: expected a prometheus.yml with scrape_configs, a list for file_sd, or lines of "module target"`,
    )
  const config = foreignMapping(`${file}: `, content, leftOut)
  const everyMs = durationOf(config.mapping('global'), 'scrape_interval') ?? EVERY_MS
  return config
    .mappings('scrape_configs')
    .filter(isProbeJob)
    .flatMap((job) => targetsOfJob(job, everyMs))
}

/** Other jobs scrape metrics, which is nothing that we do. */
const isProbeJob = (job: ForeignMapping) => job.text('metrics_path') === '/probe'

const KNOWN_WAYS = ['relabel_configs', 'scrape_timeout', 'metric_relabel_configs', 'scheme']

function targetsOfJob(job: ForeignMapping, usualMs: number): ProbedTarget[] {
  const name = job.text('job_name') ?? JOB
  const params = job.mapping('params')
  const module = params?.texts('module')[0]
  params?.leaveOutRest()
  const everyMs = durationOf(job, 'scrape_interval') ?? usualMs
  // How a target becomes a parameter of the exporter; there is no exporter any more.
  for (const key of KNOWN_WAYS) job.take(key)
  const groups = job.mappings('static_configs')
  job.leaveOutRest('finds targets elsewhere: list them, or import the files that it names')
  return groups.flatMap((group) => targetsOf(group, { job: name, everyMs, module }))
}

function targetsOf(
  group: ForeignMapping,
  { job, everyMs, module }: { job: string; everyMs: number; module?: string | undefined },
): ProbedTarget[] {
  const labels = group.mapping('labels')
  const own = labels?.text('__param_module') ?? labels?.text('module')
  const { place } = group
  return group.texts('targets').map((target) => ({
    module: own ?? module ?? DEFAULT_MODULE,
    target,
    job: labels?.text('job') ?? job,
    everyMs,
    place,
  }))
}

function durationOf(mapping: ForeignMapping | undefined, key: string): number | undefined {
  const text = mapping?.text(key)
  return text === undefined ? undefined : parseGoDuration(text)
}
