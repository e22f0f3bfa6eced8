import { assert } from '../../base/assert.ts'
import { expectationsOf, type KindResolver } from './kind-resolver.ts'

const JOURNEY_TIMEOUT_MS = 30_000

export const journeyResolver: KindResolver<'journey'> = {
  timeoutMs: JOURNEY_TIMEOUT_MS,
  retry: 'never',
  fields(written, { script }) {
    assert(script, 'a journey check is resolved only after its script was found')
    return {
      name: written.name ?? written.id,
      script,
      url: written.url,
      secrets: written.secrets ?? [],
      ignoreHttpsErrors: written.ignoreHttpsErrors ?? false,
    }
  },
  expectations: (written) => expectationsOf(written, {}),
}
