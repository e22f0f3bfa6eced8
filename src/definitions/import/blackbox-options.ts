import type { ForeignMapping } from './foreign-file.ts'

/** Options of TLS that several probers have. */
export function tlsOf(options: ForeignMapping): Record<string, unknown> {
  const tls = options.mapping('tls_config')
  if (!tls) return {}
  if (tls.flag('insecure_skip_verify'))
    tls.leaveOut('insecure_skip_verify', 'certificates are always verified; name "trustedRoots"')
  for (const key of ['ca_file', 'cert_file', 'key_file'])
    if (tls.has(key))
      tls.leaveOut(key, 'lies on the exporter: copy it beside the checks, and name it')
  const serverName = tls.text('server_name')
  tls.leaveOutRest()
  return serverName === undefined ? {} : { serverName }
}

/** Which of the target's addresses are probed. */
export function addressesOf(options: ForeignMapping): Record<string, unknown> {
  const preferred = options.text('preferred_ip_protocol')
  const mayFallBack = options.flag('ip_protocol_fallback') ?? true
  if (mayFallBack) {
    // Ours are tried as a browser does: both, and the first that answers.
    if (preferred !== undefined)
      options.leaveOut('preferred_ip_protocol', 'with a fallback: whichever answers first is taken')
    return {}
  }
  return { addresses: preferred === 'ip4' ? 'ipv4' : 'ipv6' }
}

const HOST_PORT = /^(?:\[([0-9a-fA-F:]+)\]|([^:]+)):(\d{1,5})$/

/** `host:port` in its parts; undefined for what is none. */
export function hostAndPort(target: string): { host: string; port: number } | undefined {
  const [, ipv6, name, port] = HOST_PORT.exec(target.replace(/^\w+:\/\//, '')) ?? []
  const host = ipv6 ?? name
  return host === undefined ? undefined : { host, port: Number(port) }
}
