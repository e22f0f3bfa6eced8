import { CheckFile } from '../protocol/check-file.ts'
import { isScript } from '../protocol/kinds/journey.ts'
import { findFiles } from './find-files.ts'
import { type Problem, problemOfFile } from './problem.ts'
import type { ReadConfig } from './read-config.ts'
import { type Origin, readYaml } from './read-yaml.ts'
import { alertProblems } from './rules/alert-rules.ts'
import { browserProblems } from './rules/browser-rules.ts'
import { duplicateIds, type Identified } from './rules/duplicate-ids.ts'
import { expectationProblems } from './rules/expectation-rules.ts'
import { findNamedFiles, type NamedFiles } from './rules/file-rules.ts'
import { checkPaths } from './rules/inherited.ts'
import { loginProblems } from './rules/login-rules.ts'
import { projectProblems } from './rules/project-rules.ts'
import { regionProblems, unknownName } from './rules/region-rules.ts'
import { requestProblems } from './rules/request-rules.ts'
import { scheduleProblems } from './rules/schedule-rules.ts'
import { searchProblems } from './rules/search-rules.ts'
import { checkShape } from './yaml/check-shape.ts'
import { valueAt, type YamlFile } from './yaml/yaml-file.ts'

/** More check files than this are a wrong folder. */
const CHECK_FILES_MAX = 1_000

export type WrittenCheckFile = { written: CheckFile; named: NamedFiles }
export type ReadChecks = {
  /** The files that are valid; all of them when there are no problems. */
  files: WrittenCheckFile[]
  /** The scripts that checks name and that are there, relative to the folder, of every file that can be read. */
  scripts: string[]
  /** Ids of all checks, where every file can be read. */
  ids: string[] | undefined
  /** Where each id is written. */
  places: Identified[]
  problems: Problem[]
  warnings: Problem[]
}

/** Reads all of `probes/` and says everything that is wrong there. */
export async function readChecks(origin: Origin, known: ReadConfig['known']): Promise<ReadChecks> {
  const found = await findFiles(origin.folder, 'probes')
  const problems = [...found.problems, ...found.files.flatMap(strangeFile)]
  const scripts = found.files.filter(isScript)
  const journeys = scripts.filter((file) => file.endsWith('.journey.ts'))
  const checkFiles = found.files.filter((file) => file.endsWith('.checks.yaml'))
  if (checkFiles.length > CHECK_FILES_MAX)
    problems.push(
      problemOfFile('probes', { message: `more than ${CHECK_FILES_MAX} files of checks` }),
    )

  const files: WrittenCheckFile[] = []
  const ids: Identified[] = []
  const used = new Set<string>()
  let areAllReadable = true
  for (const file of checkFiles.slice(0, CHECK_FILES_MAX)) {
    const { yaml, problems: unreadable } = await readYaml(origin, file)
    problems.push(...unreadable)
    if (!yaml) {
      areAllReadable = false
      continue
    }
    const shaped = checkShape(yaml, CheckFile)
    const named = await findNamedFiles(yaml, origin.folder, scripts)
    problems.push(...shaped.problems, ...named.problems, ...ruleProblems(yaml, known, named))
    ids.push(...identified(yaml))
    for (const script of named.scripts.values()) used.add(`probes/${script}`)
    if (!shaped.value) continue
    problems.push(...expectationProblems(yaml, shaped.value))
    files.push({ written: shaped.value, named })
  }
  problems.push(...duplicateIds('check', ids))
  const warnings = areAllReadable ? journeys.filter((file) => !used.has(file)).map(unused) : []
  if (checkFiles.length === 0 && found.problems.length === 0)
    warnings.push(
      problemOfFile('probes', { message: 'nothing is watched', expected: 'a *.checks.yaml file' }),
    )
  const written = ids.map(({ id }) => id).filter((id) => typeof id === 'string')
  return {
    files,
    scripts: [...used],
    ids: areAllReadable ? written : undefined,
    places: ids,
    problems,
    warnings,
  }
}

function ruleProblems(yaml: YamlFile, known: ReadConfig['known'], named: NamedFiles): Problem[] {
  const service = valueAt(yaml.value, ['service'])
  return [
    ...(typeof service === 'string' && known.services
      ? unknownName(yaml, ['service'], 'service', service, known.services)
      : []),
    ...regionProblems(yaml, known.regions),
    ...alertProblems(yaml, known.regionEntries),
    ...scheduleProblems(yaml),
    ...requestProblems(yaml, named),
    ...loginProblems(yaml),
    ...browserProblems(yaml),
    ...searchProblems(yaml),
    ...projectProblems(yaml),
  ]
}

const identified = (yaml: YamlFile): Identified[] =>
  checkPaths(yaml).map((check) => ({
    yaml,
    path: [...check, 'id'],
    id: valueAt(yaml.value, [...check, 'id']),
  }))

/** A misspelled ending must not switch a file of checks off in silence. */
function strangeFile(file: string): Problem[] {
  if (!/\.ya?ml$/i.test(file) || file.endsWith('.checks.yaml')) return []
  const name = file.slice(file.lastIndexOf('/') + 1)
  const stem = name.replace(/\.ya?ml$/i, '').replace(/\.[^.]*$/, '')
  const suggestion = `${stem}.checks.yaml`
  return [problemOfFile(file, { message: 'no file of this name is read', suggestion })]
}

const unused = (file: string): Problem =>
  problemOfFile(file, { message: 'no check runs this journey' })
