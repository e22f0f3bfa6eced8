import {
  addressesField,
  expectationsOf,
  type KindResolver,
  NETWORK_TIMEOUT_MS,
} from './kind-resolver.ts'

const REQUESTS = 3
/** As `ping` does: with the header it makes 64 bytes. */
const DATA_BYTES = 56

export const icmpResolver: KindResolver<'icmp'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written) => ({
    name: written.name ?? written.id,
    host: written.host,
    count: written.count ?? REQUESTS,
    size: written.size ?? DATA_BYTES,
    addresses: addressesField(written.addresses),
  }),
  expectations: (written) =>
    expectationsOf(written, written.expect?.loss === undefined ? { received: { min: 1 } } : {}),
}
