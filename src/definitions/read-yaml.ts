import { join } from 'node:path'
import { type Problem, problemOfFile } from './problem.ts'
import { readText } from './read-text.ts'
import { type ParsedYaml, parseYaml } from './yaml/parse-yaml.ts'
import type { Environment } from './yaml/substitute.ts'

/** Where definitions are read from, and the variables that they may use. */
export type Origin = { folder: string; environment: Environment }

/** Reads one YAML file below the folder of the definitions. */
export async function readYaml(origin: Origin, file: string): Promise<ParsedYaml> {
  const read = await readText(join(origin.folder, file))
  if (read.kind === 'text') return parseYaml(file, read.text, origin.environment)
  const problem: Problem = problemOfFile(file, { message: `the file ${read.message}` })
  return { problems: [problem] }
}
