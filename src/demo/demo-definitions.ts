import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ON_CALL = 'config/on-call.yaml'

/** As the file is delivered; whoever writes people into it has them in the demo too. */
const NAMES_NOBODY = /^people:\s*\[\s*\]\s*$/m

/**
 * The definitions that the demo's coordinator reads: those of the project. Where they name nobody who is
 * on call, they are a copy in which the demo's own people are, so that its pages go somewhere.
 *
 * @returns the folder that holds `probes/` and `config/`.
 */
export async function demoDefinitions(folder: string, dataFolder: string): Promise<string> {
  const written = await readFile(join(folder, ON_CALL), 'utf8').catch(() => '')
  if (written !== '' && !NAMES_NOBODY.test(written)) return folder
  const copy = join(dataFolder, 'definitions')
  for (const part of ['probes', 'config'])
    await cp(join(folder, part), join(copy, part), { recursive: true })
  await cp(join(import.meta.dirname, 'on-call.yaml'), join(copy, ON_CALL))
  return copy
}
