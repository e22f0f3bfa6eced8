import type { Scope } from '../../protocol/suppression.ts'
import { joinNames } from './quantity.ts'

/** What a silence or a window is about. */
export function scopeWords({ services, checks, regions }: Scope): string {
  const named = [...(services ?? []).map((id) => `service ${id}`), ...(checks ?? [])]
  const what = named.length === 0 ? 'everything' : joinNames(named)
  return regions ? `${what}, where it is about ${joinNames(regions)} alone` : what
}
