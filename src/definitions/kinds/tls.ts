import type { StartTls } from '../../protocol/kinds/tls.ts'
import {
  addressesField,
  expectationsOf,
  type KindResolver,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

const TLS_PORT = 443
const START_TLS_PORTS: { readonly [P in StartTls]: number } = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  ftp: 21,
  postgres: 5432,
  ldap: 389,
}

export const tlsResolver: KindResolver<'tls'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    host: written.host,
    port: written.port ?? (written.startTls ? START_TLS_PORTS[written.startTls] : TLS_PORT),
    startTls: written.startTls,
    alpn: written.alpn,
    rdapServer: written.rdapServer,
    addresses: addressesField(written.addresses),
    ...tlsFields(written, named),
  }),
  expectations: (written) => expectationsOf(written, { trusted: true, hostNameMatches: true }),
}
