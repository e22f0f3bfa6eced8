import { assert } from '../../base/assert.ts'
import { parseDuration } from '../../base/duration.ts'
import { expectationsOf, type KindResolver, NETWORK_TIMEOUT_MS } from './kind-resolver.ts'

const GRACE = '1m'

export const heartbeatResolver: KindResolver<'heartbeat'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'never',
  fields(written) {
    const graceMs = parseDuration(written.grace ?? GRACE)
    assert(graceMs !== undefined, 'durations were checked with the shape of the file')
    return { name: written.name ?? written.id, graceMs, token: written.token }
  },
  expectations: (written) => expectationsOf(written, { exitCode: 0 }),
}
