import { spawnSync } from 'node:child_process'

/**
 * Why this machine cannot ask for echoes; undefined when it can. Tests that need them say so loudly
 * when they are skipped for it.
 */
export function pingProblem(address: '127.0.0.1' | '::1' = '127.0.0.1'): string | undefined {
  const { status, error, stderr } = spawnSync('ping', ['-n', '-c', '1', '-W', '1', '--', address], {
    encoding: 'utf8',
    timeout: 5_000,
  })
  if (error) return `ping cannot be run: ${error.message}`
  return status === 0 ? undefined : `ping ${address} does not work here: ${stderr.trim()}`
}
