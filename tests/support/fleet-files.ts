import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tempFolder } from './temp-folder.ts'

/** A folder with one region and one service, `shop`, and the given files. */
export async function aFleetFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await tempFolder()
  const all = {
    'config/regions.yaml': 'regions:\n  - id: eu-west\n',
    'config/services.yaml': 'services:\n  - { id: shop, tier: core, owner: Team }\n',
    ...files,
  }
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  return folder
}
