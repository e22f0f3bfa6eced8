import {
  addressesField,
  expectationsOf,
  type KindResolver,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

const SMTP_PORT = 25
const SMTPS_PORT = 465

export const smtpResolver: KindResolver<'smtp'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    host: written.host,
    port: written.port ?? (written.security === 'tls' ? SMTPS_PORT : SMTP_PORT),
    security: written.security ?? 'none',
    helloName: written.helloName,
    addresses: addressesField(written.addresses),
    ...tlsFields(written, named),
  }),
  expectations: (written) =>
    expectationsOf(written, {
      code: 220,
      ...((written.security ?? 'none') !== 'none' && { trusted: true, hostNameMatches: true }),
    }),
}
