import { isTestFile } from '../../protocol/kinds/journey.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { checkPaths, whereWritten } from './inherited.ts'

/** What only Chromium can do, and why. */
const CHROMIUM_ONLY: { field: string[]; why: string }[] = [
  { field: ['browser', 'channel'], why: 'channels are kinds of Chromium' },
  { field: ['browser', 'network'], why: 'no other engine lets its line be slowed' },
  {
    field: ['never'],
    why: 'no other engine can be kept from a request that a redirect leads to',
  },
]

/** Options of a journey that the engine it asks for does not have. */
export function browserProblems(yaml: YamlFile): Problem[] {
  return checkPaths(yaml).flatMap((check) => {
    const enginePath = whereWritten(yaml, check, ['browser', 'engine'])
    const engine = enginePath && valueAt(yaml.value, enginePath)
    if (!enginePath || typeof engine !== 'string' || engine === 'chromium') return []
    const scriptPath = whereWritten(yaml, check, ['script'])
    const script = scriptPath && valueAt(yaml.value, scriptPath)
    if (typeof script === 'string' && isTestFile(script))
      return [
        problemAt(yaml, enginePath, {
          message: `the engine of ${script} is for the projects of its Playwright config to say`,
          expected: 'no engine here, and a project of that engine',
        }),
      ]
    return CHROMIUM_ONLY.flatMap(({ field, why }) => {
      const path: Path | undefined = whereWritten(yaml, check, field)
      if (!path) return []
      const message = `${quote(field.join('.'))} needs the engine chromium, and the check asks for ${engine}: ${why}`
      return [
        problemAt(yaml, path, { message, expected: `engine: chromium, or no ${field.join('.')}` }),
      ]
    })
  })
}
