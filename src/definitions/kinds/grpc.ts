import {
  addressesField,
  expectationsOf,
  type KindResolver,
  mayBe,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

export const grpcResolver: KindResolver<'grpc'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    host: written.host,
    port: written.port,
    tls: written.tls ?? true,
    service: written.service ?? '',
    metadata: written.metadata ?? {},
    secrets: written.secrets,
    addresses: addressesField(written.addresses),
    ...tlsFields(written, named),
  }),
  expectations: (written) =>
    expectationsOf(
      written,
      // A server that answers OK may say that it is not serving; one that answers otherwise says nothing.
      mayBe(written.expect, 'grpcStatus', 'OK') ? { servingStatus: 'SERVING' } : {},
    ),
}
