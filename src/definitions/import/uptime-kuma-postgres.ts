import type { ForeignMapping } from './foreign-file.ts'
import { secretNameOf } from './written-fleet.ts'

/** How its client of databases reads `sslmode`: without a word about it there is no TLS. */
const SECURITY: Readonly<Record<string, string>> = {
  'no-verify': 'require',
  prefer: 'require',
  require: 'require',
  'verify-ca': 'verify',
  'verify-full': 'verify',
}

/** A monitor that logs in to a database and runs a query there. */
export function postgresOf(monitor: ForeignMapping): Record<string, unknown> | undefined {
  const key = 'databaseConnectionString'
  const url = URL.parse(monitor.text(key) ?? '')
  const [user, password, database] = [url?.username, url?.password, url?.pathname.slice(1)].map(
    decoded,
  )
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || !user) {
    monitor.leaveOut(key, 'is no address such as postgres://user@db.example.com:5432/orders')
    return undefined
  }
  const secret = secretNameOf(monitor.text('name') ?? '', 'password')
  if (password)
    monitor.leaveOut(
      key,
      `its password is not copied: put it into the environment of the probes, as ${secret}`,
    )
  const query = monitor.text('databaseQuery')
  return {
    kind: 'postgres',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port !== '' && { port: Number(url.port) }),
    security: SECURITY[url.searchParams.get('sslmode') ?? ''] ?? 'disable',
    user,
    ...(password && { password: secret }),
    ...(database && { database }),
    ...(query !== undefined && { query }),
  }
}

/** As it was before it was put into an address; undefined where it is no such text. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return undefined // A lone percent sign: whoever wrote it has no login that works there.
  }
}
