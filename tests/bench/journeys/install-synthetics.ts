import { execFile } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../../src/base/app-error.ts'

/** The release that is compared with. */
export const SYNTHETICS_VERSION = '1.26.3'

const INSTALL_MS_MAX = 300_000
const PROBES = join(import.meta.dirname, '../../../probes/storefront')
const SCRIPT = 'checkout-stop.journey.ts'

/** What journeys import as `firewatch`, made of what Elastic's runner has: the same files serve both. */
const SHIM = `const { expect, journey, step } = require('@elastic/synthetics')
exports.expect = expect
exports.journey = (options, body) => {
  journey('buy a lamp, up to the order', ({ page, context, params }) =>
    body({ page, context, target: params.target, step }))
}
`

/**
 * Installs `@elastic/synthetics` into a folder of its own, without a browser, together with our journey.
 *
 * @returns why it cannot be compared, where it cannot.
 */
export async function installSynthetics(folder: string): Promise<string | undefined> {
  await mkdir(join(folder, 'node_modules/firewatch'), { recursive: true })
  const manifest = { name: 'bench', private: true, version: '0.0.0' }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  try {
    await promisify(execFile)(
      'npm',
      ['install', '--no-audit', '--no-fund', `@elastic/synthetics@${SYNTHETICS_VERSION}`],
      {
        cwd: folder,
        timeout: INSTALL_MS_MAX,
        env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
      },
    )
  } catch (error) {
    return `@elastic/synthetics could not be installed: ${messageOf(error).split('\n')[0]}`
  }
  const shim = join(folder, 'node_modules/firewatch')
  await mkdir(shim, { recursive: true })
  await writeFile(
    join(shim, 'package.json'),
    JSON.stringify({ name: 'firewatch', main: 'index.js' }),
  )
  await writeFile(join(shim, 'index.js'), SHIM)
  await mkdir(join(folder, 'journeys'))
  for (const file of [SCRIPT, 'shop-pages.ts'])
    await copyFile(join(PROBES, file), join(folder, 'journeys', file))
  return undefined
}
