import type { Turn } from '../../protocol/check-base.ts'
import {
  addressesField,
  expectationsOf,
  type KindResolver,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

export const tcpResolver: KindResolver<'tcp'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    host: written.host,
    port: written.port,
    tls: written.tls ?? false,
    dialogue: written.dialogue as Turn[] | undefined,
    addresses: addressesField(written.addresses),
    ...tlsFields(written, named),
  }),
  expectations: (written) => expectationsOf(written, {}),
}
