import type { FailureGroup } from '../../protocol/public-api.ts'
import { count } from './quantity.ts'

const LAYER_WORDS: Record<string, string> = { dns: 'DNS', tcp: 'TCP', tls: 'TLS', http: 'HTTP' }

export const layerWord = (layer: string): string => LAYER_WORDS[layer] ?? layer

/** Where it broke: `step “pay”`, `first broken: TCP`; empty when that is not known. */
export function whereWords({ step, layer }: Pick<FailureGroup, 'step' | 'layer'>): string {
  if (step !== undefined) return `step “${step}”`
  return layer === undefined ? '' : `first broken: ${layerWord(layer)}`
}

/** `12 runs did not pass in the last 1 h, for 2 reasons.` */
export function failuresSentence(groups: readonly FailureGroup[], rangeText: string): string {
  if (groups.length === 0) return `Every run that came in during the last ${rangeText} passed.`
  const runs = groups.reduce((sum, group) => sum + group.runs, 0)
  return `${count(runs, 'run')} did not pass in the last ${rangeText}, for ${count(groups.length, 'reason')}.`
}
