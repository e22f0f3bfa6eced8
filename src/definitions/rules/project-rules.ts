import { isScript, isTestFile } from '../../protocol/kinds/journey.ts'
import type { Problem } from '../problem.ts'
import { problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { checkPaths } from './inherited.ts'

/** Projects are of a Playwright config; journeys in our own form have none. */
export function projectProblems(yaml: YamlFile): Problem[] {
  return checkPaths(yaml).flatMap((check) => {
    const script = valueAt(yaml.value, [...check, 'script'])
    const hasProject = valueAt(yaml.value, [...check, 'project']) !== undefined
    if (!hasProject || typeof script !== 'string' || !isScript(script) || isTestFile(script))
      return []
    return [
      problemAt(yaml, [...check, 'project'], {
        message: `${script} is no file of Playwright Test, and has no projects`,
        expected: 'no project here, or a script such as ./checkout.spec.ts',
      }),
    ]
  })
}
