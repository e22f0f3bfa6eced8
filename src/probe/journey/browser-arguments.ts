import type { ConnectTo, Endpoint } from '../connect-to.ts'

/** Chromium's command line, besides what Playwright adds. */
export function browserArguments(connectTo: ConnectTo, { isRoot }: { isRoot: boolean }): string[] {
  const rules = connectTo.rules.map(({ from, to }) => `MAP ${hostPort(from)} ${hostPort(to)}`)
  return [
    // A probe measures the target: nothing else may use the line or the processor.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    // Containers have 64 MB of /dev/shm; a large page needs more and would crash.
    '--disable-dev-shm-usage',
    // Chromium refuses to start its sandbox as root.
    ...(isRoot ? ['--no-sandbox'] : []),
    ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(', ')}`] : []),
  ]
}

const hostPort = ({ host, port }: Endpoint) =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
