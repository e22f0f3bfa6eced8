import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PublicPage } from '../../domain/status-page/public-page.ts'
import { statuspageFiles } from '../../domain/status-page/statuspage-json.ts'
import { renderPage } from './render-page.ts'

/** The page as files, by their path below its folder; what others link to comes before the page. */
export function staticFiles(page: PublicPage, style: string): [path: string, content: string][] {
  return [
    ['style.css', style],
    ...Object.entries(statuspageFiles(page)).map(([name, content]): [string, string] => [
      `api/v2/${name}.json`,
      `${JSON.stringify(content)}\n`,
    ]),
    ['index.html', renderPage(page, '')],
  ]
}

/** Writes files so that whoever reads one gets the one before or the new one, never a part. */
export async function writeFiles(
  folder: string,
  files: readonly [path: string, content: string][],
): Promise<void> {
  for (const [path, content] of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    // Beside it, because a rename is atomic only within one file system.
    await writeFile(`${file}.new`, content)
    await rename(`${file}.new`, file)
  }
}
