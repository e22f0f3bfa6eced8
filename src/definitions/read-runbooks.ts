import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { nearestName } from '../base/nearest-name.ts'
import type { Runbook } from '../protocol/runbook.ts'
import { findFiles } from './find-files.ts'
import { quote } from './printable.ts'
import { type Problem, problemOfFile } from './problem.ts'
import { readText } from './read-text.ts'
import type { Origin } from './read-yaml.ts'
import { unknownName } from './rules/region-rules.ts'
import { type ParsedRunbook, parseRunbook } from './runbooks/parse-runbook.ts'
import { valueAt, type YamlFile } from './yaml/yaml-file.ts'

export const RUNBOOK_FOLDER = 'config/runbooks'

/** Far more than anybody keeps true. */
const RUNBOOKS_MAX = 500

export type ReadRunbooks = { runbooks: Runbook[]; problems: Problem[] }

/** What a runbook may be bound to; a list is undefined where its files could not be read. */
export type BindableNames = {
  checks: readonly string[] | undefined
  services: readonly string[] | undefined
  queries: readonly string[] | undefined
  /** Of `on-call.yaml`: none where there is no such file. */
  onCall: Record<'people' | 'teams' | 'rotations', readonly string[] | undefined>
}

/** Reads `config/runbooks/`, if there is one, and says everything that is wrong there. */
export async function readRunbooks(origin: Origin, known: BindableNames): Promise<ReadRunbooks> {
  if (!(await isFolder(join(origin.folder, RUNBOOK_FOLDER)))) return { runbooks: [], problems: [] }
  const found = await findFiles(origin.folder, RUNBOOK_FOLDER, { depthMax: 1 })
  const files = found.files.filter(isRunbook)
  const problems = [...found.problems, ...found.files.flatMap(strangeFile)]
  if (files.length > RUNBOOKS_MAX)
    problems.push(problemOfFile(RUNBOOK_FOLDER, { message: `more than ${RUNBOOKS_MAX} runbooks` }))
  const runbooks: Runbook[] = []
  for (const file of files.slice(0, RUNBOOKS_MAX)) {
    const read = await readText(join(origin.folder, file))
    if (read.kind === 'refused') {
      problems.push(problemOfFile(file, { message: `the file ${read.message}` }))
      continue
    }
    const parsed = parseRunbook(file, read.text)
    problems.push(...parsed.problems, ...(parsed.yaml ? nameProblems(parsed.yaml, known) : []))
    problems.push(...dutyProblems(file, parsed.calls ?? [], known.onCall))
    if (parsed.runbook) runbooks.push(parsed.runbook)
  }
  return { runbooks, problems }
}

/** Those whom it names to be paged and whom `on-call.yaml` does not have. */
function dutyProblems(
  file: string,
  calls: NonNullable<ParsedRunbook['calls']>,
  { people, teams, rotations }: BindableNames['onCall'],
): Problem[] {
  return calls.flatMap(({ line, call: { duty } }) => {
    const [noun, name, known] =
      duty.kind === 'person'
        ? (['person', duty.personId, people] as const)
        : duty.kind === 'team'
          ? (['team', duty.teamId, teams] as const)
          : duty.kind === 'rotation'
            ? (['rotation', duty.rotationId, rotations] as const)
            : []
    if (name === undefined || known === undefined || known.includes(name)) return []
    const suggestion = nearestName(name, known)
    return {
      ...problemOfFile(file, {
        message: `unknown ${noun} ${quote(name)}`,
        ...(suggestion ? { suggestion } : { expected: `a ${noun} of config/on-call.yaml` }),
      }),
      line: line + 1,
    }
  })
}

const isFolder = (path: string) =>
  stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )

const isRunbook = (file: string) => /\.md$/.test(file) && !/\/README\.md$/i.test(file)

function strangeFile(file: string): Problem[] {
  if (isRunbook(file) || /\/README\.md$/i.test(file)) return []
  const message = 'no file of this name is read'
  return [problemOfFile(file, { message, expected: 'a runbook, such as bad-deploy.md' })]
}

function nameProblems(yaml: YamlFile, known: BindableNames): Problem[] {
  const lists = { checks: 'check', services: 'service', queries: 'query' } as const
  return (Object.keys(lists) as (keyof typeof lists)[]).flatMap((list) => {
    const names = valueAt(yaml.value, [list])
    const defined = known[list]
    if (!Array.isArray(names) || !defined) return []
    return names.flatMap((name: unknown, index) =>
      typeof name === 'string' ? unknownName(yaml, [list, index], lists[list], name, defined) : [],
    )
  })
}
