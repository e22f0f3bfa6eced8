import { assert } from '../../base/assert.ts'
import type { WrittenOf } from '../../protocol/check-file.ts'
import { type BrowserOptions, journeyDefaults } from '../../protocol/kinds/journey.ts'
import { expectationsOf, type KindResolver } from './kind-resolver.ts'

const JOURNEY_TIMEOUT_MS = 30_000

export const journeyResolver: KindResolver<'journey'> = {
  timeoutMs: JOURNEY_TIMEOUT_MS,
  retry: 'never',
  fields(written, { script }) {
    const usual = journeyDefaults()
    assert(script, 'a journey check is resolved only after its script was found')
    return {
      name: written.name ?? written.id,
      script,
      ...(written.project !== undefined && { projects: [written.project].flat() }),
      url: written.url,
      params: written.params ?? usual.params,
      secrets: written.secrets ?? usual.secrets,
      never: written.never ?? usual.never,
      browser: browserOf(written.browser),
      recycle: written.recycle ?? usual.recycle,
      ignoreHttpsErrors: written.ignoreHttpsErrors ?? usual.ignoreHttpsErrors,
      evidence: {
        screenshots: written.evidence?.screenshots ?? usual.evidence.screenshots,
        recording: written.evidence?.recording ?? usual.evidence.recording,
        paintOver: written.evidence?.paintOver ?? usual.evidence.paintOver,
      },
      traceTo: (written.traceTo ?? []).map((address) => new URL(address).origin),
    }
  },
  expectations: (written) => expectationsOf(written, {}),
}

function browserOf({ proxy, ...options }: WrittenOf<'journey'>['browser'] = {}): BrowserOptions {
  if (proxy === undefined) return options
  return { ...options, proxy: typeof proxy === 'string' ? { url: proxy } : proxy }
}
