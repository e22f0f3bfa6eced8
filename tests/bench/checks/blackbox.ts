import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startCommand } from '../child-processes.ts'

const BINARY = '/usr/bin/prometheus-blackbox-exporter'
const PACKAGE = 'prometheus-blackbox-exporter'
const INSTALL_MS_MAX = 180_000
const START_MS_MAX = 10_000
const LOOK_EVERY_MS = 100

const run = promisify(execFile)

export type Blackbox = {
  pid: number
  version: string
  /** Probes once; the metrics by name and labels, as text has them. */
  probe(module: string, target: string): Promise<Map<string, number>>
  address: string
}

/** Installs the package where that may be done: as root, on Debian. Gives why not, where not. */
export async function installBlackbox(): Promise<string | undefined> {
  if (existsSync(BINARY)) return undefined
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return `${PACKAGE} is not installed, and only root on Debian could install it`
  try {
    const options = { timeout: INSTALL_MS_MAX }
    await run('apt-get', ['update'], options)
    await run('apt-get', ['install', '-y', '--no-install-recommends', PACKAGE], options)
    return existsSync(BINARY) ? undefined : `${PACKAGE} was installed, and has no ${BINARY}`
  } catch (error) {
    return `${PACKAGE} could not be installed: ${(error as Error).message.split('\n')[0]}`
  }
}

/** @param caFile authority of the HTTPS target. */
export async function startBlackbox(
  folder: string,
  caFile: string,
  port: number,
): Promise<Blackbox> {
  const config = join(folder, 'blackbox.yml')
  const http = (extra: string) =>
    `{ prober: http, timeout: 5s, http: { preferred_ip_protocol: ip4, valid_status_codes: [200], enable_http2: false, fail_if_body_not_matches_regexp: ['Featured lamps']${extra} } }`
  const tls = `, tls_config: { ca_file: ${caFile}, server_name: shop.test }`
  await writeFile(
    config,
    [
      'modules:',
      `  http: ${http('')}`,
      `  https: ${http(tls)}`,
      '  dns: { prober: dns, timeout: 5s, dns: { query_name: shop.test, query_type: A, preferred_ip_protocol: ip4 } }',
    ].join('\n'),
  )
  const address = `http://127.0.0.1:${port}`
  const child = startCommand(BINARY, [
    `--config.file=${config}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ])
  const deadline = performance.now() + START_MS_MAX
  while (!(await answers(`${address}/-/healthy`))) {
    if (performance.now() > deadline) throw new Error('blackbox_exporter did not start')
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  const { stderr, stdout } = await run(BINARY, ['--version'])
  return {
    pid: child.pid ?? 0,
    version: /version (\S+)/.exec(stdout + stderr)?.[1]?.replace(',', '') ?? 'unknown',
    address,
    async probe(module, target) {
      const response = await fetch(
        `${address}/probe?module=${module}&target=${encodeURIComponent(target)}`,
      )
      return parseMetrics(await response.text())
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false // Not yet.
  }
}

function parseMetrics(text: string): Map<string, number> {
  const metrics = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line)
    if (match?.[1]) metrics.set(match[1], Number(match[2]))
  }
  return metrics
}
