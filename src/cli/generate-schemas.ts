import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { editorSchemas } from '../definitions/editor-schemas.ts'

const FOLDER = join(import.meta.dirname, '../../config/schemas')

/** Writes the JSON Schemas that editors use; run it after a change of the protocol. */
async function generateSchemas(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  for (const [name, text] of Object.entries(editorSchemas())) {
    await writeFile(join(FOLDER, name), text)
    process.stderr.write(`wrote config/schemas/${name}\n`)
  }
}

if (import.meta.main) await generateSchemas()
