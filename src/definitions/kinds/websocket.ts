import type { Turn } from '../../protocol/check-base.ts'
import {
  addressesField,
  authFields,
  expectationsOf,
  type KindResolver,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

export const webSocketResolver: KindResolver<'websocket'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    url: written.url,
    headers: written.headers ?? {},
    auth: authFields(written.auth),
    subprotocols: written.subprotocols,
    dialogue: written.dialogue as Turn[] | undefined,
    addresses: addressesField(written.addresses),
    secrets: written.secrets,
    ...tlsFields(written, named),
  }),
  expectations: (written) => expectationsOf(written, { status: 101 }),
}
